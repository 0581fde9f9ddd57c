internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// What counters showed before what others did came in, so that who writes such a number back is found (INB-11).
extension RowBatch {
    func noteNumbers(_ row: WorkingRow, from before: [Value], to now: [Value], _ layout: TableLayout) throws {
        let changed = Self.numbers(before, now, layout)
        if changed.isEmpty { return }
        let held = row.held.state.dots
        if try row.state.dots.subtracting(held).contains(where: isOwn) { return }
        let connected = try membership(of: row)?.all.rows.map(\.held.hash) ?? []
        try note(changed, row.held.hash, held: held, with: connected.filter { $0 != row.held.hash })
    }

    /// The same of a row that no merge touches.
    func noteNumbers(_ row: QuietRow, as dot: DotID, to now: [Value], _ layout: TableLayout) throws {
        let changed = Self.numbers(row.values, now, layout)
        if try changed.isEmpty || isOwn(dot) { return }
        try note(changed, row.hash, held: row.dots(layout), with: [])
    }

    /// Those that are another now, as they were.
    private static func numbers(
        _ before: [Value], _ now: [Value], _ layout: TableLayout
    ) -> [(unit: UnitID, number: Int64)] {
        guard layout.rules.countsWrites else { return [] }
        return zip(layout.schema.units, layout.unitIDs).compactMap { unit, id in
            guard unit.policy == .counter, let column = unit.columns.first, before[column] != now[column],
                case .integer(let number) = before[column]
            else { return nil }
            return (id, number)
        }
    }

    /// The first counts until something of the record is sealed here.
    private func note(
        _ numbers: [(unit: UnitID, number: Int64)], _ h: Int64, held: Set<DotID>, with others: [Int64]
    ) throws {
        let known = try store.formerNumbers(h)
        for (unit, number) in numbers {
            if let former = known.first(where: { $0.unit == unit }),
                try !held.contains(where: { try $0 > former.dot && isOwn($0) })
            {
                continue
            }
            try store.noteFormer(number, of: unit, h, with: others)
        }
    }

    private func isOwn(_ dot: DotID) throws -> Bool { try origin.map { try store.isOf($0, dot) } ?? false }
}
