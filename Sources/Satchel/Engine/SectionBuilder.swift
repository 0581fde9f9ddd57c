internal import SatchelModel
internal import SatchelStore

/// Gathers row changes into the sections of a changeset: rows of one table that write the same units go together.
struct SectionBuilder {
    private struct Shape: Hashable {
        let table: Int64
        let units: [UnitID]
        /// Those of them whose values are followed by a state (MRG-30).
        let withState: Set<UnitID>
        let deletes: Bool
        let merges: Bool
    }

    private var shapes: [Shape: Int] = [:]
    private var sections: [Section] = []
    private var dots: [Dot] = []
    private var dotIndex: [DotID: UInt32] = [:]
    private let store: Store

    init(store: Store) { self.store = store }

    private(set) var rows = 0
    /// What is replaced or covered.
    var named: some Sequence<DotID> { dotIndex.keys }

    mutating func append(_ change: RowChange, layout: TableLayout, key: RowKey, age: UInt64) throws {
        rows += 1
        let withState = change.writes.filter { write in
            guard write.unit != RowState.existence else { return false }
            if let rule = layout.rules[write.unit] {
                return layout.rules.carriesState && write.values.count > rule.width
            }
            return write.values.count > store.unitColumns(write.unit, table: layout.id).count
        }
        let shape = Shape(
            table: layout.id, units: change.writes.map(\.unit), withState: Set(withState.map(\.unit)),
            deletes: change.cover != nil, merges: change.into != nil)
        let place = shapes[shape] ?? start(shape, layout)
        for (column, value) in key.values.enumerated() { sections[place].keys[column].append(value) }
        for (column, value) in (change.into?.values ?? []).enumerated() { sections[place].into?[column].append(value) }
        sections[place].rows += 1
        sections[place].ages.append(age)
        var part = 0
        for write in change.writes {
            let replaced = try write.replaced.map { try index($0) }
            if write.unit == RowState.existence {
                sections[place].existence?.append(replaced)
                continue
            }
            for column in sections[place].units[part].values.indices {
                let value = column < write.values.count ? write.values[column] : .null
                sections[place].units[part].values[column].append(value)
            }
            sections[place].units[part].replaced.append(replaced)
            part += 1
        }
        let deletions = try change.deletionsReplaced.map { try index($0) }
        sections[place].deletionsReplaced.append(deletions)
        if let cover = change.cover { try append(cover, to: place, table: layout.id) }
    }

    /// Adds rows of which all is told by what was noted of them, from the columns of their table, as a section of their own.
    ///
    /// - Parameter age: that of the changeset.
    mutating func append(_ columns: [ValueColumn], of noted: NotedRows, _ range: Range<Int>, from age: UInt64) throws {
        rows += range.count
        let layout = noted.layout
        let isEntered = noted.changed.isEmpty
        var replaced = DotLists()
        if !isEntered {
            replaced.counts = Array(repeating: 1, count: range.count)
            replaced.dots = try noted.rows[range].map { try index($0.dot) }
        }
        let units = isEntered ? Array(layout.unitIDs.indices) : noted.changed
        sections.append(
            Section(
                table: layout.schema.name, keyColumns: layout.schema.keyIdentities,
                keys: layout.schema.key.map { columns[$0] }, rows: range.count,
                existence: isEntered ? DotLists() : nil,
                units: units.map { place in
                    let id = layout.unitIDs[place]
                    return UnitPart(
                        name: store.unitName(id, table: layout.id), columns: store.unitColumns(id, table: layout.id),
                        values: layout.schema.units[place].columns.map { columns[$0] }, replaced: replaced)
                }, deletionsReplaced: DotLists(), cover: nil, ages: noted.rows[range].map { $0.age - age }))
    }

    private mutating func append(_ cover: [Covered], to place: Int, table: Int64) throws {
        sections[place].cover?.counts.append(UInt32(cover.count))
        for covered in cover {
            let name = store.wholeUnitName(covered.unit, table: table)
            let names = sections[place].cover?.names ?? []
            let unit = names.firstIndex(of: name) ?? names.count
            if unit == names.count { sections[place].cover?.names.append(name) }
            sections[place].cover?.units.append(UInt32(unit))
            let dot = try index(covered.dot)
            sections[place].cover?.dots.append(dot)
        }
    }

    private mutating func start(_ shape: Shape, _ layout: TableLayout) -> Int {
        // By name: a decision may write a unit that the table here does not have (VER-3), or a note (INB-4).
        let units = shape.units.filter { $0 != RowState.existence }.map { id in
            let columns = store.unitColumns(id, table: layout.id)
            let all = shape.withState.contains(id) ? columns + [UnitPart.state] : columns
            return UnitPart(
                name: store.unitName(id, table: layout.id), columns: all, values: all.map { _ in ValueColumn() },
                replaced: DotLists())
        }
        sections.append(
            Section(
                table: layout.schema.name, keyColumns: layout.schema.keyIdentities,
                keys: layout.schema.key.map { _ in ValueColumn() }, rows: 0,
                existence: shape.units.contains(RowState.existence) ? DotLists() : nil, units: units,
                deletionsReplaced: DotLists(), cover: shape.deletes ? CoverLists() : nil,
                into: shape.merges ? layout.schema.key.map { _ in ValueColumn() } : nil, ages: []))
        shapes[shape] = sections.count - 1
        return sections.count - 1
    }

    private mutating func index(_ id: DotID) throws -> UInt32 {
        if let known = dotIndex[id] { return known }
        let next = UInt32(dots.count)
        dots.append(try store.known(id).dot)
        dotIndex[id] = next
        return next
    }

    /// The content, with lists that are empty throughout left out.
    func finish() -> Content {
        var content = Content(dots: dots, sections: sections)
        for place in content.sections.indices {
            content.sections[place].existence?.simplify()
            content.sections[place].deletionsReplaced.simplify()
            for unit in content.sections[place].units.indices {
                content.sections[place].units[unit].replaced.simplify()
            }
        }
        return content
    }
}

extension DotLists {
    mutating func append(_ list: [UInt32]) {
        counts.append(UInt32(list.count))
        dots += list
    }

    mutating func simplify() { if dots.isEmpty { counts = [] } }
}
