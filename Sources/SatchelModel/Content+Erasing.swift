/// Taking a person out of a changeset's content (ERA-4): the same from the same content everywhere.
extension Content {
    /// The content without what `find` says is erased; nil: nothing of it is. Sections that lose all rows go. The list
    /// of dots stays as it was. O(rows).
    public func erasing(_ find: (Section, Int) throws -> Erased?) rethrows -> Content? {
        var copy = Content(dots: dots)
        var changed = false
        for section in sections {
            let erased = try (0..<section.rows).map { try find(section, $0) }
            if let rest = section.erasing(erased) {
                changed = true
                if rest.rows > 0 { copy.sections.append(rest) }
            } else {
                copy.sections.append(section)
            }
        }
        return changed ? copy : nil
    }
}

extension Section {
    /// Nil: nothing changes.
    fileprivate func erasing(_ erased: [Erased?]) -> Section? {
        let kept = (0..<rows).filter { erased[$0] != .whole }
        var blanks: [Int: [Int: ErasureOrder.Unit]] = [:]
        for row in kept {
            guard case .units(let units)? = erased[row] else { continue }
            for (place, part) in self.units.enumerated() {
                guard let unit = units.first(where: { $0.name == part.name }) else { continue }
                if part.values.map({ $0[row] }) != unit.values(of: part.columns) {
                    blanks[row, default: [:]][place] = unit
                }
            }
        }
        guard kept.count < rows || !blanks.isEmpty else { return nil }
        var copy = self
        copy.rows = kept.count
        copy.keys = keys.map { column in ValueColumn(kept.map { column[$0] }) }
        copy.existence = existence?.keeping(kept)
        copy.deletionsReplaced = deletionsReplaced.keeping(kept)
        copy.cover = cover?.keeping(kept)
        copy.into = into?.map { column in ValueColumn(kept.map { column[$0] }) }
        copy.ages = kept.map { ages[$0] }
        for (place, part) in units.enumerated() {
            copy.units[place].replaced = part.replaced.keeping(kept)
            copy.units[place].values = part.columns.indices.map { column in
                ValueColumn(
                    kept.map { row in
                        blanks[row]?[place]?.value(of: part.columns[column]) ?? part.values[column][row]
                    })
            }
        }
        return copy
    }
}

extension ErasureOrder.Unit {
    /// What stands in the place of a column's values; NULL for a column that the order does not know.
    public func value(of column: String) -> Value { zip(columns, blank).first { $0.0 == column }?.1 ?? .null }

    public func values(of columns: [String]) -> [Value] { columns.map { value(of: $0) } }
}

extension DotLists {
    fileprivate func keeping(_ rows: [Int]) -> DotLists {
        guard !counts.isEmpty else { return self }
        let starts = starts(counts)
        return DotLists(
            counts: rows.map { counts[$0] }, dots: rows.flatMap { dots[starts[$0]..<(starts[$0] + Int(counts[$0]))] })
    }
}

extension CoverLists {
    fileprivate func keeping(_ rows: [Int]) -> CoverLists {
        guard !counts.isEmpty else { return self }
        let starts = starts(counts)
        let places = rows.flatMap { starts[$0]..<(starts[$0] + Int(counts[$0])) }
        return CoverLists(
            names: names, counts: rows.map { counts[$0] }, units: places.map { units[$0] },
            dots: places.map { dots[$0] })
    }
}

private func starts(_ counts: [UInt32]) -> [Int] {
    var start = 0
    return counts.map { count in
        defer { start += Int(count) }
        return start
    }
}
