internal import SatchelModel
internal import SatchelStore

/// The dropped rows that a value of a column which is not known here may name: it may be a reference to any table (EXC-26).
struct ArchivedByValue {
    private let store: Store
    private let units: [Int64: Set<UnitID>]
    /// Those whose key has several columns, by each value of it; nil: not read yet.
    private var composite: [[UInt8]: [HeldRowName]]?

    init(_ store: Store) throws {
        self.store = store
        units = try store.unknownUnits()
    }

    /// Those whose key is such a value of the row; if it has several columns, one such value and others of the row.
    mutating func perhapsNamed(by row: WorkingRow) throws -> Set<HeldRowName> {
        guard let unknown = units[row.held.table] else { return [] }
        let held = row.state.units.filter { $0.unit < RowState.firstSystemUnit }
        func values(_ units: [UnitState]) -> Set<Value> { Set(units.flatMap { $0.candidates.flatMap(\.values) }) }
        let foreign = values(held.filter { unknown.contains($0.unit) }).subtracting([.null])
        if foreign.isEmpty { return [] }
        var found: Set<HeldRowName> = []
        for layout in store.layouts where layout.schema.key.count == 1 {
            let affinity = layout.affinities[layout.schema.key[0]]
            for value in foreign {
                let key = RowKey([try store.asHeld(value, affinity)])
                if try store.isArchived(store.rowHash(layout.id, key)) {
                    found.insert(.init(table: layout.id, key: key))
                }
            }
        }
        let composite = try composite ?? read()
        self.composite = composite
        if composite.isEmpty { return found }
        let all = Set((values(held).union(row.held.key.values)).map(\.untyped))
        for name in foreign.flatMap({ composite[$0.untyped] ?? [] })
        where name.key.values.allSatisfy({ all.contains($0.untyped) }) {
            found.insert(name)
        }
        return found
    }

    private func read() throws -> [[UInt8]: [HeldRowName]] {
        var found: [[UInt8]: [HeldRowName]] = [:]
        for layout in store.layouts where layout.schema.key.count > 1 {
            for key in try store.archivedKeys(of: layout.id) {
                for value in Set(key.values.map(\.untyped)) {
                    found[value, default: []].append(.init(table: layout.id, key: key))
                }
            }
        }
        return found
    }
}

extension Value {
    /// Its bytes as text, by which columns of different types compare: 7, 7.0 and '7' are one.
    var untyped: [UInt8] {
        switch self {
        case .null: []
        case .integer(let number): Array("\(number)".utf8)
        case .real(let number): Int64(exactly: number).map { Array("\($0)".utf8) } ?? Array("\(number)".utf8)
        case .text(let bytes), .blob(let bytes): bytes
        }
    }
}
