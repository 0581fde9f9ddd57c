internal import SatchelModel
internal import SatchelStore

/// What a check of a replica found and mended.
public struct DoctorReport: Sendable {
    public var mended: [String] = []
    /// Damage that could not be mended here. Empty: the replica is sound.
    public var faults: [String] = []
    /// Nothing wrong, but worth knowing.
    public var notes: [String] = []
    public var triggersMended = 0
    /// Rows captured that had been changed round the triggers.
    public var rowsCaptured = 0
    /// Rows that vanished without a trace and come again with the hub's next reply.
    public var rowsToFetch = 0
    public var sqliteVersion = ""
    public var sqliteKnownBad = false
    /// How the replica stands afterwards; nil: the file is too damaged to tell.
    public var status: Status?

    public var isSound: Bool { faults.isEmpty }
}

/// A table that is not synced, and why (SCH-2).
public struct LocalTable: Sendable {
    public let table: String
    public let reason: String
}

extension Replica {
    /// Checks the triggers, the tables against their clocks, and the file against itself; mends what can be mended.
    ///
    /// Triggers that are missing or altered are put back, and what was written meanwhile is captured with a note.
    /// O(rows of all tables).
    public func doctor() throws -> DoctorReport {
        try withEngine { engine in
            do {
                return try engine.transaction { try engine.doctor() }
            } catch let error as StoreError where error.isDamage {
                return DoctorReport(faults: [error.message])
            }
        }
    }

    /// The same for a file that may be too damaged to be opened.
    public static func doctor(at path: String, busyMilliseconds: Int = 10_000) throws -> DoctorReport {
        do {
            return try open(at: path, busyMilliseconds: busyMilliseconds).doctor()
        } catch let error as StoreError where error.isDamage {
            return DoctorReport(faults: [error.message])
        }
    }

    /// The tables that stay on this replica.
    public func localTables() throws -> [LocalTable] { try withEngine { try $0.localTables() } }
}

extension Engine {
    fileprivate func doctor() throws -> DoctorReport {
        var report = DoctorReport()
        (report.sqliteVersion, report.sqliteKnownBad) = try sqlite()
        if report.sqliteKnownBad {
            report.notes.append(
                "SQLite \(report.sqliteVersion) may damage a file that two programs write at once; 3.51.3 does not")
        }
        report.faults = try damage()
        // Nothing is written into a damaged file: what is in it now is what there is to rescue.
        guard report.isSound else { return report }
        try mend(&report)
        report.faults = try danglingReferences()
        if let anchorFault {
            report.notes.append(
                "nothing is kept outside this file that would tell a copy of it from the file itself: \(anchorFault)")
        }
        let status = try status()
        report.notes += status.tooLarge.map(\.sentence)
        report.status = status
        return report
    }

    private func mend(_ report: inout DoctorReport) throws {
        let before = try triggers()
        if try !store.schemaChanged() { try seal() }
        // An impossible number makes the seal look at everything, as after a change of the schema.
        try store.setMeta("schema_version", .integer(-1))
        let captured = try seal(note: "found by doctor")
        let after = try triggers()
        report.triggersMended = after.filter { before[$0.key] != $0.value }.count
        for dot in captured {
            guard let changeset = try sealed(try store.dotID(dot)) else { continue }
            report.rowsCaptured += Int(changeset.head.rows)
        }
        report.rowsToFetch = Int(try store.metaInteger("fetch_all") ?? 0)
        if report.triggersMended > 0 { report.mended.append("triggers put back: \(report.triggersMended)") }
        if report.rowsCaptured > 0 {
            report.mended.append("rows written round the triggers and now captured: \(report.rowsCaptured)")
        }
        if report.rowsToFetch > 0 {
            report.notes.append(
                "rows that vanished, for which the hub is asked at the next sync: \(report.rowsToFetch)")
        }
    }

    /// The library's own triggers by name.
    private func triggers() throws -> [String: String] {
        let list = try store.db.statement(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'satchel_*'")
        var found: [String: String] = [:]
        while try list.step() { found[list.string(0)] = list.string(1) }
        return found
    }

    /// What SQLite says of the file, if not that all is well. O(file).
    package func damage() throws -> [String] {
        var faults: [String] = []
        let integrity = try store.db.statement("PRAGMA integrity_check")
        while try integrity.step() {
            if integrity.string(0) != "ok" { faults.append("integrity_check: \(integrity.string(0))") }
        }
        return faults
    }

    /// Rows of synced tables that refer to rows which are not there. O(rows of all tables). What other tables refer to is their
    /// own programs' affair: such a one may name a row that a merge takes away.
    package func danglingReferences() throws -> [String] {
        var faults: [String] = []
        let check = try store.db.statement(
            "SELECT parent, count(*) FROM pragma_foreign_key_check(?) GROUP BY 1 ORDER BY 1")
        for table in store.layouts.map(\.schema.name) {
            check.bind(1, table)
            while try check.step() {
                faults.append(
                    "foreign_key_check: \(check.integer(1)) rows of \(table) refer to rows of \(check.string(0)) that are "
                        + "not there")
            }
            check.reset()
        }
        return faults
    }

    /// The library in use, and whether it has the race on resetting the write-ahead log that 3.51.3 mended.
    private func sqlite() throws -> (String, Bool) {
        let select = try store.db.statement("SELECT sqlite_version()")
        defer { select.reset() }
        guard try select.step() else { return ("", false) }
        return (select.string(0), SQLiteVersion(select.string(0)).hasResetRace)
    }

    fileprivate func localTables() throws -> [LocalTable] {
        let list = try store.db.statement(
            "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') "
                + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'satchel\\_%' ESCAPE '\\' ORDER BY name"
        )
        var found: [LocalTable] = []
        while try list.step() {
            let name = list.string(0)
            guard store.layout(named: name) == nil else { continue }
            let reason =
                list.string(1) == "virtual"
                ? "it is virtual"
                : store.directives.local.contains(name)
                    ? "the schema says so" : store.leftLocal[name] ?? "it has no primary key"
            found.append(LocalTable(table: name, reason: reason))
        }
        return found
    }
}

/// A version of SQLite, as numbers.
struct SQLiteVersion: Comparable {
    let numbers: [Int]

    init(_ text: String) { numbers = text.split(separator: ".").map { Int($0) ?? 0 } }

    /// From 3.7.0 to 3.51.2, but for the two old lines into which the repair was carried.
    var hasResetRace: Bool {
        self >= SQLiteVersion("3.7.0") && self < SQLiteVersion("3.51.3")
            && ![SQLiteVersion("3.44.6"), SQLiteVersion("3.50.7")].contains(self)
    }

    static func < (a: Self, b: Self) -> Bool { a.numbers.lexicographicallyPrecedes(b.numbers) }
}

extension StoreError {
    /// SQLITE_CORRUPT.
    fileprivate var isDamage: Bool { code & 0xFF == 11 }
}
