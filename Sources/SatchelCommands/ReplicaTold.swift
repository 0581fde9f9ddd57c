package import Satchel

/// Who was made, with what in it (CLI-11, CLI-30).
package struct InitTold: Encodable {
    package struct Local: Encodable {
        package let table: String
        package let reason: String
    }

    package let tables: [String]
    package let localTables: [Local]

    package init(_ replica: Replica) throws {
        tables = replica.schema().tables.map(\.name)
        localTables = try replica.localTables().map { Local(table: $0.table, reason: $0.reason) }
    }

    package var lines: [String] {
        ["synced: \(tables.joined(separator: ", "))"] + localTables.map { "\($0.table) stays here: \($0.reason)" }
    }
}

/// How a replica stands (CLI-16).
package struct StatusTold: Encodable {
    package let name: String
    package let origin: String
    package let dataSet: String
    package let allAtHub: Bool
    package let unsealedNotes: Int
    package let unreceipted: Int
    package let unreceiptedRows: Int
    package let carried: Int
    package let quarantined: Int
    package let outside: Int
    package let parked: [ParkedTold]
    package let aside: [AsideTold]
    package let tooLarge: [TooLargeTold]
    package let conflicts: Int
    package let epoch: UInt64
    package let position: UInt64
    @OrNull package var lastContact: String?
    @OrNull package var lastContactMs: Int64?
    package let clockOffsetMs: Int64
    package let schemaVersion: UInt64
    @OrNull package var offeredVersion: UInt64?
    package let formerLines: [FormerLineTold]
    package let tables: [TableTold]
    package let scopes: [String]
    package let scopesAt: UInt64

    package init(_ status: Status) {
        name = status.name
        origin = status.origin.description
        dataSet = status.dataSet.description
        allAtHub = status.isAllAtHub
        unsealedNotes = status.unsealedNotes
        unreceipted = status.unreceipted
        unreceiptedRows = status.unreceiptedRows
        carried = status.carried
        quarantined = status.quarantined
        outside = status.outside
        parked = status.parked.map(ParkedTold.init)
        aside = status.aside.map(AsideTold.init)
        tooLarge = status.tooLarge.map(TooLargeTold.init)
        conflicts = status.conflicts
        epoch = status.epoch
        position = status.position
        _lastContact = OrNull(wrappedValue: status.lastContact?.told)
        _lastContactMs = OrNull(wrappedValue: status.lastContact?.milliseconds)
        clockOffsetMs = status.clockOffset
        schemaVersion = status.schemaVersion
        _offeredVersion = OrNull(wrappedValue: status.offeredVersion)
        formerLines = status.formerLines.map(FormerLineTold.init)
        tables = status.rows.map { TableTold(table: $0.table, rows: $0.count) }
        scopes = status.scopes
        scopesAt = status.scopesAt
    }

    package var lines: [String] {
        var lines = ["\(name) (\(origin))"]
        if allAtHub {
            lines.append("everything entered here is at the hub")
        } else if unreceipted == 0, unsealedNotes == 0 {
            lines.append("the hub was put back: what it had and may lack goes back to it with the next bundle")
        } else {
            let unsealed = unsealedNotes > 0 ? ", \(counted(unsealedNotes, "write")) not packed yet" : ""
            lines.append("without the hub's receipt: \(counted(unreceipted, "changeset"))\(unsealed)")
        }
        lines += formerLines.map(\.line)
        if quarantined > 0 {
            lines.append("kept without effect, of devices shut out: \(counted(quarantined, "changeset"))")
        }
        if carried > 0 { lines.append("carried for others: \(counted(carried, "changeset"))") }
        if outside > 0 {
            lines.append(
                "kept at the hub without effect, since it is outside the scopes here, until an operator lets it in: "
                    + counted(outside, "changeset"))
        }
        let none = scopesAt == 0 ? "served no scope yet" : "served no scope any more"
        lines.append(scopes.isEmpty ? none : "scopes: \(scopes.joined(separator: ", "))")
        lines.append("last contact with the hub: \(lastContact ?? "never")")
        if conflicts > 0 { lines.append("\(counted(conflicts, "conflict")) open") }
        if let offeredVersion { lines.append("the hub follows version \(offeredVersion) of the schema: run `migrate`") }
        lines += parked.map { "waiting: \($0.dot) of \($0.device) for \($0.waitsFor.joined(separator: "; "))" }
        lines += aside.map { "aside: \($0.table) \($0.name): \($0.reason)" }
        lines += tooLarge.map(\.line)
        return lines + tables.map { "\($0.table): \(counted($0.rows, "row"))" }
    }
}

/// A line that the replica left (CLI-16, CLI-61).
package struct FormerLineTold: Encodable {
    package let origin: String
    package let changesets: UInt64
    package let until: String
    package let untilMs: Int64
    package let reason: String

    init(_ line: FormerLine) {
        origin = line.origin.description
        changesets = line.sequence
        until = line.until.told
        untilMs = line.until.milliseconds
        reason = line.reason
    }

    var line: String {
        let what = ["copied": "was copied", "restored": "was put back from a backup"][reason] ?? "exists twice"
        return "on \(until) this file was found to be one that \(what); it goes on under a name of its own"
    }
}

package struct ParkedTold: Encodable {
    package let dot: String
    package let device: String
    package let made: String
    package let madeMs: Int64
    package let waitsFor: [String]

    package init(_ parked: Status.Parked) {
        dot = parked.dot.description
        device = parked.device
        made = parked.made.told
        madeMs = parked.made.milliseconds
        waitsFor = parked.waitsFor
    }
}

package struct AsideTold: Encodable {
    package let table: String
    package let key: [ValueTold]
    package let reason: String
    let name: String

    private enum CodingKeys: CodingKey { case table, key, reason }

    package init(_ aside: Status.Aside) {
        table = aside.table
        key = aside.key.told
        reason = aside.reason
        name = aside.key.display
    }
}

/// What is too large to leave the replica (CLI-16).
package struct TooLargeTold: Encodable {
    package let table: String
    package let key: [ValueTold]
    @OrNull package var column: String?
    package let reason: String
    let line: String

    private enum CodingKeys: CodingKey { case table, key, column, reason }

    package init(_ row: Status.TooLarge) {
        table = row.table
        key = row.key.told
        _column = OrNull(wrappedValue: row.column)
        reason = row.reason
        line = row.sentence
    }
}

package struct TableTold: Encodable {
    package let table: String
    package let rows: Int

    package init(table: String, rows: Int) { (self.table, self.rows) = (table, rows) }
}

package struct DigestTold: Encodable {
    package let digest: String
    @OrNull package var `for`: String?

    package init(_ digest: String, for name: String?) {
        self.digest = digest
        _for = OrNull(wrappedValue: name)
    }
}

/// What the doctor found (CLI-26).
package struct DoctorTold: Encodable {
    package let sound: Bool
    package let mended: [String]
    package let faults: [String]
    package let notes: [String]
    package let triggersMended: Int
    package let rowsCaptured: Int
    package let rowsToFetch: Int
    @OrNull package var unreceipted: Int?
    package let parked: [ParkedTold]
    package let aside: [AsideTold]
    @OrNull package var conflicts: Int?
    package let sqliteVersion: String
    package let sqliteKnownBad: Bool

    package init(_ report: DoctorReport) {
        sound = report.isSound
        mended = report.mended
        faults = report.faults
        notes = report.notes
        triggersMended = report.triggersMended
        rowsCaptured = report.rowsCaptured
        rowsToFetch = report.rowsToFetch
        _unreceipted = OrNull(wrappedValue: report.status?.unreceipted)
        parked = report.status?.parked.map(ParkedTold.init) ?? []
        aside = report.status?.aside.map(AsideTold.init) ?? []
        _conflicts = OrNull(wrappedValue: report.status?.conflicts)
        sqliteVersion = report.sqliteVersion
        sqliteKnownBad = report.sqliteKnownBad
    }

    package var lines: [String] {
        [sound ? "sound" : "damaged"] + mended.map { "mended: \($0)" } + faults.map { "fault: \($0)" }
            + notes.map { "note: \($0)" }
            + parked.map { "waiting: \($0.dot) for \($0.waitsFor.joined(separator: "; "))" }
            + aside.map { "aside: \($0.table) \($0.name): \($0.reason)" }
            + (unreceipted.map { ["without the hub's receipt: \(counted($0, "changeset"))"] } ?? [])
    }
}
