internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// One section of state, its names looked up in the local schema.
struct StateReader {
    let section: StateSection
    let table: Int64
    let layout: TableLayout?
    let columns: [(column: Int, values: ValueColumn)]
    private let units: [UnitID]
    private let dots: [DotID]
    private let overrides: [UInt32: [StateSection.UnitOverride]]

    init(_ section: StateSection, store: Store, dots: [DotID]) throws {
        self.section = section
        self.dots = dots
        (table, layout) = try store.lookUp(section.table, keyColumns: section.keyColumns)
        let table = table
        units = try section.units.map { try store.unitID($0.unitName, table: table) }
        overrides = Dictionary(grouping: section.overrides, by: \.row)
        guard section.base.allSatisfy({ $0 < dots.count }), section.overrides.allSatisfy({ $0.dot < dots.count }),
            section.keys.allSatisfy({ !$0.kinds.contains(.null) }),
            section.detailed.allSatisfy({ row in row.state.dotsLie(in: dots.indices, units: section.units.count) })
        else { throw WireError.damaged("a section of state names a dot that the bundle does not hold") }
        var columns: [(column: Int, values: ValueColumn)] = []
        if let layout {
            columns = zip(layout.schema.key, section.keys).map { (column: $0, values: $1) }
            for part in section.units {
                guard let unit = layout.schema.units.first(where: { $0.name == part.name }),
                    unit.columns.map({ layout.schema.columns[$0].identity }) == part.columns
                else { continue }
                columns += zip(unit.columns, part.values).map { (column: $0, values: $1) }
            }
        }
        self.columns = columns
    }

    /// Whether the section has every column of the table and no other.
    var isWhole: Bool {
        columns.count == layout?.schema.columns.count && section.units.count == layout?.schema.units.count
    }

    func key(_ row: Int) -> RowKey { RowKey(section.keys.map { $0[row] }) }
    func base(_ row: Int) -> DotID { dots[Int(section.base[row])] }
    func hasOverrides(_ row: Int) -> Bool { overrides[UInt32(row)] != nil }
    func value(_ column: Int, _ row: Int) -> Value { columns.first { $0.column == column }?.values[row] ?? .null }

    func state(_ row: Int) -> RowState {
        var state = RowState()
        state[RowState.existence] = [Candidate(dot: base(row), values: [])]
        for (place, part) in section.units.enumerated() {
            let override = overrides[UInt32(row)]?.first { $0.unit == place }
            let dot = override.map { dots[Int($0.dot)] } ?? base(row)
            state[units[place]] = [Candidate(dot: dot, values: part.values(row))]
        }
        return state
    }

    func state(_ wire: RowState) -> RowState {
        var wire = wire
        for index in wire.units.indices where wire.units[index].unit > 0 {
            guard section.units[Int(wire.units[index].unit) - 1].holdsState else { continue }
            for place in wire.units[index].candidates.indices
            where wire.units[index].candidates[place].values.last == .null {
                wire.units[index].candidates[place].values.removeLast()
            }
        }
        return wire.renamed(units: { $0 == 0 ? 0 : units[Int($0) - 1] }, dots: { dots[Int($0)] })
    }
}

extension RowState {
    /// Whether every dot and unit is an index into what a bundle holds.
    fileprivate func dotsLie(in range: Range<Int>, units count: Int) -> Bool {
        dots.allSatisfy { range.contains(Int($0)) } && units.allSatisfy { (0...count).contains(Int($0.unit)) }
            && deletions.allSatisfy { $0.cover.allSatisfy { (0...count).contains(Int($0.unit)) } }
    }
}
