internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What else the changesets of a conflict wrote in its row, in the rows that it refers to and in those that refer to it
/// (INB-3): from their contents where these are kept here, else as far as it still stands in the rows.
struct Neighbourhood {
    private let engine: Engine
    private let references: References
    /// Small contents, read once; nil: not kept here, or too large to be one person's work.
    private var contents: [DotID: Content?] = [:]
    /// Whether a changeset opened a decided conflict again: many conflicts have their values from few.
    private var opened: [DotID: Bool] = [:]
    private var written = WrittenUnits()

    private static let contentBytes = 1 << 20
    private static let contentsHeld = 64
    private static let rowsNear = 20
    private static let most = 50

    init(_ engine: Engine) {
        self.engine = engine
        references = References(engine.store.layouts)
    }

    mutating func neighbours(
        of listed: Store.ListedConflict, _ whole: Engine.Whole, _ candidates: [Conflict.Candidate]
    ) throws -> [Conflict.Neighbour] {
        let members = whole.membership.map { membership in
            membership.members.map(\.held)
        }
        let inRecord = [whole.row] + (members ?? []).prefix(Self.rowsNear)
        let rows = try inRecord + near(whole.row)
        var found: [Conflict.Neighbour] = []
        for writer in candidates.flatMap(\.authors) {
            guard let dot = try engine.store.metDot(writer.dot) else { continue }
            for (place, row) in rows.enumerated() {
                for (unit, values) in try written(by: dot, in: row)
                where !(place < inRecord.count && unit == listed.unit) && unit < RowState.firstSystemUnit {
                    let store = engine.store
                    found.append(
                        Conflict.Neighbour(
                            table: store.tableName(row.table), key: row.key,
                            unit: store.shownUnitName(unit, table: row.table),
                            columns: unit == RowState.existence ? [] : store.shownUnitColumns(unit, table: row.table),
                            values: engine.shown(values, of: unit, table: row.table), writer: writer))
                }
                if found.count >= Self.most { return found }
            }
        }
        return found
    }

    /// Who wrote values first that answers taken back wrote again, as far as the changesets are kept here (INB-1, INB-8).
    mutating func first(_ dots: [DotID], in row: WrittenUnits.Row) throws -> [DotID] {
        var first: Set<DotID> = []
        var open = dots
        while !open.isEmpty {
            let again = try open.filter { try opensAgain($0) }
            first.formUnion(Set(open).subtracting(again))
            try written.read([(row, again)], from: engine)
            open = []
            for dot in again {
                let former = written[row, dot]?.replaced ?? []
                if former.isEmpty { first.insert(dot) }
                open += former
            }
        }
        return first.sorted()
    }

    private mutating func opensAgain(_ dot: DotID) throws -> Bool {
        if let known = opened[dot] { return known }
        let isSo = try engine.head(dot).map { Engine.opensAgain($0.note) } ?? false
        opened[dot] = isSo
        return isSo
    }

    /// The writes by which rows that nobody deleted refer to this one and hold it (INB-1, MRG-20), of each kind as far as it is near.
    func users(of row: HeldRow) throws -> Set<DotID> {
        var met: Set<Int64> = []
        return try users(of: row, &met)
    }

    private func users(of row: HeldRow, _ met: inout Set<Int64>) throws -> Set<DotID> {
        guard met.insert(row.hash).inserted else { return [] }
        var users: Set<DotID> = []
        for reference in references.to(row.table) where reference.policy == .revive {
            let children = try engine.store.children(of: row.key, in: reference.child, columns: reference.columns)
            for key in children.sorted().prefix(Self.rowsNear) {
                let child = try engine.store.load(table: reference.child.id, key: key)
                let state = try engine.whole(child).united
                // A reference in the key was written with the row.
                let units = Set(
                    reference.columns.map { column in
                        reference.child.unitOfColumn[column].map { reference.child.unitIDs[$0] } ?? RowState.existence
                    })
                let verdict = try engine.store.judge(state, table: reference.child.id)
                // What fell with it is back because of it (MRG-42), or is itself in use.
                guard verdict.alive else {
                    users.formUnion(try self.users(of: child, &met))
                    continue
                }
                for unit in units { users.formUnion((verdict.shown(unit)?.dots ?? []).map(state.dot)) }
            }
        }
        return users
    }

    private func near(_ row: HeldRow) throws -> [HeldRow] {
        guard case .table(let values) = row.place else { return [] }
        var names: [RowBatch.RowName] = []
        for reference in references.from(row.table) {
            if let key = reference.parentKey(of: values) { names.append(.init(table: reference.parent.id, key: key)) }
        }
        for reference in references.to(row.table) where names.count < Self.rowsNear {
            let children = try engine.store.children(of: row.key, in: reference.child, columns: reference.columns)
            names += children.sorted().prefix(Self.rowsNear).map { .init(table: reference.child.id, key: $0) }
        }
        return try names.map { try engine.store.load(table: $0.table, key: $0.key) }
    }

    private mutating func written(by dot: DotID, in row: HeldRow) throws -> [(UnitID, [Value])] {
        guard let content = try content(dot) else {
            return row.state.units.compactMap { unit in
                unit.candidates.first { $0.dot == dot }.map { (unit.unit, $0.values) }
            }
        }
        let dots = try content.dots.map { try engine.store.dotID($0) }
        for section in content.sections {
            guard try engine.store.tableID(section.table, key: section.keyColumns) == row.table else { continue }
            guard let index = (0..<section.rows).first(where: { section.key($0) == row.key }) else { continue }
            let reader = try SectionReader(section, store: engine.store, dots: dots)
            return reader.change(index).writes.map { ($0.unit, $0.values) }
        }
        return []
    }

    private mutating func content(_ dot: DotID) throws -> Content? {
        if let known = contents[dot] { return known }
        if contents.count >= Self.contentsHeld { contents = [:] }
        var content: Content?
        if let head = try engine.head(dot), head.contentLength <= UInt64(Self.contentBytes),
            let changeset = try engine.sealed(dot)
        {
            content = try engine.content(of: changeset)
        }
        contents[dot] = .some(content)
        return content
    }
}
