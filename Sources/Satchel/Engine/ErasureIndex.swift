internal import SatchelModel
internal import SatchelWire

/// The orders to erase that a replica holds, ready to be asked about a row. One hash for each question.
struct ErasureIndex {
    private struct Name: Hashable {
        let table: String
        let recognizer: [UInt8]
    }

    private struct Entry {
        let order: Int
        let erased: Erased
        /// It cuts references to what was erased whole (ERA-1).
        let isCut: Bool
    }

    /// What is erased of a row, or of units of it, and the units in which its references to what was erased whole are cut: what
    /// names another there is not meant (ERA-1).
    struct Share {
        var erased: Erased?
        var cut: [ErasureOrder.Unit] = []
    }

    let orders: [ErasureOrder]
    /// The lives of the hub that its log goes through.
    private let line: [HubEpoch]
    private var salts: [[UInt8]] = []
    private var entries: [Name: [Entry]] = [:]

    init(_ orders: [ErasureOrder], on line: [HubEpoch]) {
        self.orders = orders
        self.line = line
        for (place, order) in orders.enumerated() {
            if !salts.contains(order.salt) { salts.append(order.salt) }
            for part in order.parts {
                let erased = part.units.isEmpty ? Erased.whole : .units(part.units)
                let isCut = order.followsReferences && !part.units.isEmpty
                for row in part.rows {
                    entries[Name(table: part.table, recognizer: row), default: []]
                        .append(Entry(order: place, erased: erased, isCut: isCut))
                }
            }
        }
    }

    var isEmpty: Bool { orders.isEmpty }

    /// ERA-9.
    var digest: UInt64 {
        orders.reduce(0) { $0 ^ $1.id.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
    }

    /// The last order in the hub's log.
    var last: (epoch: UInt64, position: UInt64)? {
        orders.map { ($0.epoch, $0.position) }.max { $0 < $1 }
    }

    /// What names a row, in the order of the salts: one hash for each.
    private func entries(_ table: String, _ key: RowKey) -> [Entry] {
        salts.flatMap { salt in
            entries[
                Name(table: table, recognizer: ErasureOrder.recognizer(salt: salt, table: table, key: key)), default: []
            ]
        }
    }

    /// The orders by which a row was erased whole together with all that refers to it.
    func followed(_ table: String, _ key: RowKey) -> [ErasureOrder] {
        entries(table, key).filter { $0.erased == .whole && orders[$0.order].followsReferences }.map {
            orders[$0.order]
        }
    }

    /// The orders that erased units of a row, each with these, but for what was cut.
    func ofUnits(_ table: String, _ key: RowKey) -> [(order: ErasureOrder, units: [ErasureOrder.Unit])] {
        entries(table, key).compactMap { entry in
            guard case .units(let units) = entry.erased, !entry.isCut else { return nil }
            return (order: orders[entry.order], units: units)
        }
    }

    /// The units that these erased of a row, but for orders that an author with this clock had carried out.
    func units(_ table: String, _ key: RowKey, by clock: CausalClock) -> [ErasureOrder.Unit] {
        var found: [ErasureOrder.Unit] = []
        for (order, units) in ofUnits(table, key) where !order.isSeen(by: clock, on: line) { found.join(units) }
        return found
    }

    /// Whether an author with this clock had not carried out all of them.
    func hasUnseen(by clock: CausalClock) -> Bool { orders.contains { !$0.isSeen(by: clock, on: line) } }

    func isSeen(_ order: ErasureOrder, by clock: CausalClock) -> Bool { order.isSeen(by: clock, on: line) }

    /// What is erased of a row that an author with this clock wrote, and what is cut.
    func share(_ table: String, _ key: RowKey, by clock: CausalClock) -> Share {
        var share = Share()
        for entry in entries(table, key) where !orders[entry.order].isSeen(by: clock, on: line) {
            if case .units(let units) = entry.erased, entry.isCut {
                share.cut.join(units)
            } else {
                share.erased = share.erased?.joined(with: entry.erased) ?? entry.erased
            }
        }
        return share
    }

    /// What is erased of it, but for what is cut; nil: nothing. `following`: only by orders that rows which refer to the row
    /// follow.
    func erased(_ table: String, _ key: RowKey, by clock: CausalClock, following: Bool = false) -> Erased? {
        var found: Erased?
        for entry in entries(table, key) where !entry.isCut {
            let order = orders[entry.order]
            if order.isSeen(by: clock, on: line) || following && !order.followsReferences { continue }
            found = found?.joined(with: entry.erased) ?? entry.erased
        }
        return found
    }
}
