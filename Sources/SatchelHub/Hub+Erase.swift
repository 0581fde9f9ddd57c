internal import Foundation
public import Satchel
internal import SatchelStore
internal import SatchelWire

/// What an erasure took away at the hub.
public struct EraseReport: Sendable {
    /// 32 hexadecimal digits.
    public var id: String
    /// Rows, by table.
    public var rows: [String: Int] = [:]
    /// Rows, by table, that stay, since they referred to it by `setNull` alone: what held these references is erased (ERA-1).
    public var cut: [String: Int] = [:]
    /// Of an order for columns: how many rows it names since merges connect them with the record (ERA-1).
    public var merged = 0
    /// Tables that the hub's schema never had and of which it holds rows: whether they refer to the record it sees when it
    /// learns of them (ERA-11).
    public var unknownTables: [String] = []
    /// Changesets of the log whose content was replaced.
    public var changesets = 0
    /// Bundles in quarantine that held something of it, which are gone, and those that could not be read.
    public var quarantineRemoved: [String] = []
    public var quarantineUnread: [String] = []
}

/// How far an order to erase has come.
public struct ErasureStatus: Sendable {
    public var id: String
    public var ordered: Timestamp
    public var position: UInt64
    /// Rows, by table: of each how many whole, and of how many some units.
    public var tables: [(table: String, rows: Int, units: [String])]
    /// The devices that have carried it out in each of their files, and left no trace.
    public var confirmed: [String]
    /// Those enrolled before the order that have not said so. Each file of a device speaks for itself: of several that are
    /// missing the device is here more than once, all but the one that came last as copies.
    public var missing: [Device]
}

/// Erasure: a person's right, and its own act (`Protocol/erasure.md`).
extension Hub {
    /// Erases a row, or what some of its columns hold: from tables, conflicts, history, graveyard, archive and quarantine
    /// here at once, and by an order at every device.
    ///
    /// - Parameter columns: erases the units that hold these, in the rows that merges connect with it too; none: the whole row,
    ///   its key too.
    /// - Parameter withReferences: also all rows that refer to it, shown, deleted or in a conflict; of those that do so by
    ///   `setNull` alone the units that hold the reference.
    /// - Throws: `UsageError` if nothing is known of such a row, if rows refer to it and are not to go with it, or if the
    ///   table does not take a row without these values. Then nothing was changed.
    public func erase(
        table: String, key: RowKey, columns: [String] = [], withReferences: Bool = false, actor: String = ""
    ) throws -> EraseReport {
        try replica.withEngine { engine in
            let report = try engine.transaction {
                try engine.seal()
                let parts = try engine.planErasure(
                    table: table, key: key, columns: columns, withReferences: withReferences)
                let (order, count) = try engine.issueErasure(
                    parts, followsReferences: withReferences && columns.isEmpty, actor: actor)
                guard count.refused == 0 else {
                    throw UsageError(
                        "\(table) does not take a row without these values", try: "erase the whole row")
                }
                var report = EraseReport(id: order.id.hex, rows: count.rows.filter { $0.value > 0 })
                report.cut = count.cut.filter { $0.value > 0 }
                report.changesets = count.changesets
                report.rows.merge(try engine.followErasures()) { $0 + $1 }
                if columns.isEmpty {
                    let aside = try SetAsideStore(engine.store).open().map(\.row.table)
                    report.unknownTables = try engine.store.unknownTablesHeld(beside: aside)
                } else {
                    report.merged = parts.reduce(-1) { $0 + $1.rows.count }
                }
                try clearQuarantine(engine, &report)
                try Membership.follow(engine, ScopeBook(engine.store))
                guard !report.rows.isEmpty || count.changesets > 0 || !report.quarantineRemoved.isEmpty else {
                    throw UsageError("nothing is known of such a row", try: "check the key")
                }
                return report
            }
            try removeFiles(report, engine)
            return report
        }
    }

    private static let due = "erasures_in_quarantine"

    /// Orders that followed from others (ERA-6, ERA-11) or were brought back (ERA-9) clear the quarantine too. It stays due
    /// until it is done: by a merge or, after a migration, by calling this.
    public func clearQuarantineIfDue() throws {
        try replica.withEngine { engine in
            guard try engine.reading({ try engine.store.meta(Self.due) != nil }) else { return }
            let report = try engine.transaction {
                var report = EraseReport(id: "")
                try clearQuarantine(engine, &report)
                try Membership.follow(engine, ScopeBook(engine.store))
                return report
            }
            try removeFiles(report, engine)
        }
    }

    private func removeFiles(_ report: EraseReport, _ engine: Engine) throws {
        for name in report.quarantineRemoved where !name.hasPrefix("accepted ") {
            try FileManager.default.removeItem(atPath: directory + "/quarantine/" + name)
        }
        try engine.transaction { try engine.store.setMeta(Self.due, nil) }
        try engine.sweepTraces()
    }

    /// Finds the bundles in quarantine that hold something of an erased row. A part of a signed file cannot be erased.
    private func clearQuarantine(_ engine: Engine, _ report: inout EraseReport) throws {
        try clearRefused(engine, &report)
        let folder = directory + "/quarantine"
        guard FileManager.default.fileExists(atPath: folder) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            do {
                if try engine.holdsErased(UnverifiedBundle(path: folder + "/" + name)) {
                    report.quarantineRemoved.append(name)
                }
            } catch is WireError {
                report.quarantineUnread.append(name)
            }
        }
    }

    /// The same of bundles that were accepted and refused by the merge. What waits is redacted when it is merged.
    private func clearRefused(_ engine: Engine, _ report: inout EraseReport) throws {
        let accepted = AcceptedStore(engine.store)
        for entry in try accepted.entries() where entry.reason != nil {
            let name = "accepted \(entry.digest.hex)"
            do {
                guard try engine.holdsErased(UnverifiedBundle(bytes: accepted.contents(entry))) else { continue }
                try accepted.remove(entry)
                report.quarantineRemoved.append(name)
            } catch is WireError {
                report.quarantineUnread.append(name)
            }
        }
        try accepted.close()
    }

    /// The orders to erase, oldest first, and who has carried them out.
    public func erasures() throws -> [ErasureStatus] {
        try replica.withEngine { engine in
            try engine.reading {
                let devices = try Registry(engine.store).devices()
                let (lines, line) = (try DeviceLines(engine.store).living(), try engine.store.epochs())
                // Of a device that was never heard the list of devices alone says something.
                let files: [[Device]] = devices.map { device in
                    guard let living = lines[device.name] else { return [device] }
                    return living.waitedFor.enumerated().map { device.seen(as: $1, isCopy: $0 > 0) }
                }
                return try engine.store.erasures().map { body in
                    let order = try SignedErasure(decoding: body).order
                    let asked = files.filter { $0[0].enrolled <= order.time }
                    func hasConfirmed(_ device: Device) -> Bool {
                        let erased = CausalClock(
                            epoch: device.erased.epoch, position: device.erased.position, others: VersionVector())
                        return order.isSeen(by: erased, on: line)
                    }
                    return ErasureStatus(
                        id: order.id.hex, ordered: order.time, position: order.position,
                        tables: order.parts.map { ($0.table, $0.rows.count, $0.units.map(\.name)) },
                        confirmed: asked.filter { $0.allSatisfy(hasConfirmed) }.map { $0[0].name },
                        missing: asked.flatMap { $0.filter { !hasConfirmed($0) } })
                }
            }
        }
    }
}
