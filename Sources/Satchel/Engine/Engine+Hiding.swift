public import SatchelModel
internal import SatchelStore

/// What a person asked for would put a record out of sight, since its table would not take it any more (INB-14).
public struct WouldHide: Error, Sendable, CustomStringConvertible {
    public let table: String
    public let key: RowKey
    /// The table's words, or why it would be set aside.
    public let reason: String

    public var description: String { "\(table) \(key.display) could not be shown any more: \(reason)" }
}

/// A row that would be out of sight.
struct HiddenRow {
    let table: Int64
    let key: RowKey
    let hash: Int64
    let reason: String
}

extension WouldHide {
    init(_ row: HiddenRow, _ store: Store) {
        self.init(table: store.tableName(row.table), key: row.key, reason: row.reason)
    }
}

/// Nobody would be asked what an answer had decided, if that were taken back (INB-8).
public struct WouldNotAsk: Error, Sendable, CustomStringConvertible {
    public let table: String
    public let key: RowKey
    /// What would become of the record, or of its unit, with nobody asked.
    public let reason: String

    public var description: String {
        "nobody would be asked again what was decided of \(table) \(key.display): \(reason)"
    }
}

extension Engine {
    /// Does what a person asked for, and throws `WouldHide` if afterwards a table refuses a row that it did not refuse before, or
    /// one of these rows is set aside for what it refers to: the caller's transaction is then to be rolled back. O(rows that tables
    /// refuse).
    func refusingToHide<T>(_ rows: [HeldRow] = [], _ act: () throws -> T) throws -> T {
        let (done, hidden) = try hiding(rows, act)
        if let first = hidden.first { throw WouldHide(first, store) }
        return done
    }

    /// Does it, and returns the rows that are out of sight so.
    func hiding<T>(_ rows: [HeldRow], _ act: () throws -> T) throws -> (done: T, hidden: [HiddenRow]) {
        let before = Set(try store.graves(.refused).map { store.rowHash($0.table, $0.key) })
        let done = try act()
        var hidden = try store.graves(.refused).map {
            HiddenRow(table: $0.table, key: $0.key, hash: store.rowHash($0.table, $0.key), reason: $0.reason)
        }
        hidden.removeAll { before.contains($0.hash) }
        for row in rows where row.isInTable {
            guard case .grave(let fate) = try store.load(table: row.table, key: row.key).place, fate != .refused,
                let words = Self.words(of: fate)
            else { continue }
            hidden.append(HiddenRow(table: row.table, key: row.key, hash: row.hash, reason: words))
        }
        return (done, hidden)
    }

    /// Whether its table would take a row with these values in some units.
    func takes(_ values: [UnitID: [Value]], in row: HeldRow) throws -> Bool {
        guard let layout = store.layout(row.table), case .table = row.place else { return true }
        var written: [Int: Value] = [:]
        for (unit, values) in values {
            for (column, value) in zip(layout.unit(unit)?.columns ?? [], values) { written[column] = value }
        }
        if written.isEmpty { return true }
        do {
            _ = try store.asStored(layout, key: row.key, writing: written)
            return true
        } catch let error as StoreError where error.isConstraint {
            return false
        }
    }
}
