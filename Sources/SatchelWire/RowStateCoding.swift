import SatchelModel

/// Whole states of rows, laid in columns (BND-47): what conflicts and deletions need.
///
/// First how many units each row has and which, then how many candidates each of those has and which, and so on
/// downwards; the candidates' values lie by unit and column.
enum RowStateCoding {
    /// Candidates, deletions and covers are written in the order of their dots in the bundle. Throws `damaged`
    /// for a state that does not fit the units.
    static func encode(
        _ states: [RowState], _ units: [StateSection.UnitColumns], keyColumns: Int, dots: Int,
        to writer: inout ByteWriter
    ) throws(WireError) {
        let states = states.map(sorted)
        try check(states, units, keyColumns: keyColumns, dots: dots)
        let parts = states.flatMap(\.units)
        let candidates = parts.flatMap(\.candidates)
        IntegerList.encode(states.map { Int64($0.units.count) }, to: &writer)
        IntegerList.encode(parts.map { Int64($0.unit) }, to: &writer)
        IntegerList.encode(parts.map { Int64($0.candidates.count) }, to: &writer)
        IntegerList.encode(candidates.map(\.dot), to: &writer)
        for (index, unit) in units.enumerated() {
            let own = parts.filter { Int($0.unit) == index + 1 }.flatMap(\.candidates)
            for column in unit.columns.indices {
                ColumnCoding.encode(ValueColumn(own.lazy.map { $0.values[column] }), to: &writer)
            }
        }
        let deletions = states.flatMap(\.deletions)
        let covers = deletions.flatMap(\.cover)
        IntegerList.encode(states.map { Int64($0.deletions.count) }, to: &writer)
        IntegerList.encode(deletions.map(\.dot), to: &writer)
        IntegerList.encode(deletions.map { Int64($0.cover.count) }, to: &writer)
        IntegerList.encode(covers.map { Int64($0.unit) }, to: &writer)
        IntegerList.encode(covers.map(\.dot), to: &writer)
        IntegerList.encode(deletions.map { Int64($0.into == nil ? 0 : 1) }, to: &writer)
        let into = deletions.compactMap(\.into)
        for column in 0..<keyColumns {
            ColumnCoding.encode(ValueColumn(into.lazy.map { $0.values[column] }), to: &writer)
        }
    }

    /// Reads `rows` states. Total.
    static func decode(
        _ rows: Int, _ units: [StateSection.UnitColumns], keyColumns: Int, dots: Int, from reader: inout ByteReader
    ) throws(WireError) -> [RowState] {
        try reader.spend(rows, each: 64)
        let (unitCounts, unitTotal) = try IntegerList.decodeCounts(rows, "how many units", from: &reader)
        let unitIDs = try IntegerList.decodeIndices(unitTotal, below: units.count + 1, "a unit", from: &reader)
        let (candidateCounts, total) = try IntegerList.decodeCounts(unitTotal, "how many candidates", from: &reader)
        let candidateDots = try IntegerList.decodeIndices(total, below: dots, "a dot's index", from: &reader)
        var ownCounts = Array(repeating: 0, count: units.count + 1)
        for (unit, count) in zip(unitIDs, candidateCounts) { ownCounts[Int(unit)] += Int(count) }
        try reader.spend(unitTotal + total, each: 64)
        var values: [[ValueColumn]] = [[]]
        for (index, unit) in units.enumerated() {
            var columns: [ValueColumn] = []
            for _ in unit.columns { columns.append(try ColumnCoding.decode(ownCounts[index + 1], from: &reader)) }
            try StateColumn.check(unit.columns, columns, reader.place)
            values.append(columns)
        }
        let deletions = try decodeDeletions(
            rows, units: units.count, keyColumns: keyColumns, dots: dots, from: &reader)

        var states: [RowState] = []
        states.reserveCapacity(rows)
        var part = 0
        var candidate = 0
        var next = Array(repeating: 0, count: units.count + 1)
        for row in 0..<rows {
            var state = RowState(deletions: deletions[row])
            for _ in 0..<unitCounts[row] {
                let unit = Int(unitIDs[part])
                var own = UnitState(unit: UnitID(unit), candidates: [])
                for _ in 0..<candidateCounts[part] {
                    let place = next[unit]
                    own.candidates.append(
                        Candidate(dot: DotID(candidateDots[candidate]), values: values[unit].map { $0[place] }))
                    next[unit] += 1
                    candidate += 1
                }
                state.units.append(own)
                part += 1
            }
            guard isSorted(state) else { throw reader.damaged("a state out of order") }
            states.append(state)
        }
        return states
    }

    private static func decodeDeletions(
        _ rows: Int, units: Int, keyColumns: Int, dots: Int, from reader: inout ByteReader
    ) throws(WireError) -> [[Deletion]] {
        let (counts, total) = try IntegerList.decodeCounts(rows, "how many deletions", from: &reader)
        let deletionDots = try IntegerList.decodeIndices(total, below: dots, "a dot's index", from: &reader)
        let (coverCounts, covered) = try IntegerList.decodeCounts(total, "how many covers", from: &reader)
        let coverUnits = try IntegerList.decodeIndices(covered, below: units + 1, "a unit", from: &reader)
        let coverDots = try IntegerList.decodeIndices(covered, below: dots, "a dot's index", from: &reader)
        try reader.spend(total, each: 64)
        try reader.spend(covered, each: 16)
        var into = try decodeInto(total, keyColumns: keyColumns, from: &reader)[...]
        var rowsDeletions: [[Deletion]] = []
        rowsDeletions.reserveCapacity(rows)
        var deletion = 0
        var cover = 0
        for row in 0..<rows {
            var own: [Deletion] = []
            for _ in 0..<counts[row] {
                var item = Deletion(dot: DotID(deletionDots[deletion]), cover: [])
                for _ in 0..<coverCounts[deletion] {
                    item.cover.append(Covered(unit: UnitID(coverUnits[cover]), dot: DotID(coverDots[cover])))
                    cover += 1
                }
                item.into = into.removeFirst()
                own.append(item)
                deletion += 1
            }
            rowsDeletions.append(own)
        }
        return rowsDeletions
    }

    /// For each deletion the key that it names, or nil.
    private static func decodeInto(
        _ deletions: Int, keyColumns: Int, from reader: inout ByteReader
    ) throws(WireError) -> [RowKey?] {
        let flags = try IntegerList.decodeIndices(deletions, below: 2, "whether a row is merged", from: &reader)
        let count = flags.count { $0 == 1 }
        let keys = try ContentCoding.decodeKeys(keyColumns, rows: count, from: &reader)
        guard !keys.contains(where: { $0.kinds.contains(.null) }) else { throw reader.damaged("a NULL in a key") }
        var next = 0
        return flags.map { flag in
            guard flag == 1 else { return nil }
            defer { next += 1 }
            return RowKey(keys.map { $0[next] })
        }
    }

    private static func sorted(_ state: RowState) -> RowState {
        guard !isSorted(state) else { return state }
        var state = state
        state.units.sort { $0.unit < $1.unit }
        for index in state.units.indices { state.units[index].candidates.sort { $0.dot < $1.dot } }
        state.deletions.sort { $0.dot < $1.dot }
        for index in state.deletions.indices { state.deletions[index].cover.sort() }
        return state
    }

    private static func isSorted(_ state: RowState) -> Bool {
        func ascending<Key: Comparable>(_ keys: some Sequence<Key>) -> Bool {
            zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }
        }
        return ascending(state.units.lazy.map(\.unit)) && ascending(state.deletions.lazy.map(\.dot))
            && state.units.allSatisfy { !$0.candidates.isEmpty && ascending($0.candidates.lazy.map(\.dot)) }
            && state.deletions.allSatisfy { ascending($0.cover) }
    }

    private static func check(
        _ states: [RowState], _ units: [StateSection.UnitColumns], keyColumns: Int, dots: Int
    ) throws(WireError) {
        func fits(_ unit: UnitID) -> Bool { unit >= 0 && unit <= units.count }
        func fits(dot: DotID) -> Bool { dot >= 0 && dot < dots }
        for state in states {
            guard isSorted(state) else { throw .damaged("state: two of one kind in a row") }
            for own in state.units {
                guard fits(own.unit) else { throw .damaged("state: a unit out of range") }
                let width = own.unit == RowState.existence ? 0 : units[Int(own.unit) - 1].columns.count
                guard own.candidates.allSatisfy({ $0.values.count == width && fits(dot: $0.dot) }) else {
                    throw .damaged("state: a candidate that does not fit its unit")
                }
            }
            for deletion in state.deletions {
                guard fits(dot: deletion.dot), deletion.cover.allSatisfy({ fits($0.unit) && fits(dot: $0.dot) }),
                    deletion.into.map({ $0.values.count == keyColumns && !$0.values.contains(.null) }) ?? true
                else {
                    throw .damaged("state: a deletion out of range")
                }
            }
        }
    }
}
