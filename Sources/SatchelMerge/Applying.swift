public import SatchelModel

extension RowState {
    /// Applies what one changeset does to this row (MRG-8): the replaced dots and deletions go, the new ones come.
    ///
    /// A deletion removes no candidate; it only covers what its author held (MRG-5). What a row holds of the change already,
    /// since it was handed in with it (EXC-29), is there once. O(units + candidates + dots named).
    public mutating func apply(_ change: RowChange, as dot: DotID) {
        for write in change.writes {
            var candidates = self[write.unit].filter { !write.replaced.contains($0.dot) && $0.dot != dot }
            let place = candidates.firstIndex { $0.dot > dot } ?? candidates.endIndex
            candidates.insert(Candidate(dot: dot, values: write.values), at: place)
            self[write.unit] = candidates
        }
        if !change.deletionsReplaced.isEmpty {
            deletions.removeAll { change.deletionsReplaced.contains($0.dot) }
        }
        if let cover = change.cover {
            deletions.removeAll { $0.dot == dot }
            let place = deletions.firstIndex { $0.dot > dot } ?? deletions.endIndex
            deletions.insert(Deletion(dot: dot, cover: cover.sorted(), into: change.into), at: place)
        }
    }

    /// This state and another of the same row together, as when a row that was dropped comes back beside what was
    /// entered since (EXC-26): neither replaced anything of the other.
    public func joined(with other: RowState) -> RowState {
        var joint = self
        for unit in other.units {
            let known = Set(joint[unit.unit].map(\.dot))
            joint[unit.unit] = (joint[unit.unit] + unit.candidates.filter { !known.contains($0.dot) })
                .sorted { $0.dot < $1.dot }
        }
        let known = Set(joint.deletions.map(\.dot))
        joint.deletions = (joint.deletions + other.deletions.filter { !known.contains($0.dot) })
            .sorted { $0.dot < $1.dot }
        return joint
    }

    /// Everything held: each candidate of each unit, sorted.
    public var held: [Covered] {
        units.flatMap { unit in unit.candidates.map { Covered(unit: unit.unit, dot: $0.dot) } }
    }

    /// Every dot that this state names.
    public var dots: Set<DotID> {
        var dots = Set(deletions.map(\.dot))
        for deletion in deletions { for covered in deletion.cover { dots.insert(covered.dot) } }
        for unit in units { for candidate in unit.candidates { dots.insert(candidate.dot) } }
        return dots
    }

    /// The same state with its dots renamed, as when it moves from one replica's numbering to another's.
    public func renamed(units rename: (UnitID) -> UnitID?, dots: (DotID) -> DotID) -> RowState {
        var copy = RowState()
        for unit in units {
            guard let id = rename(unit.unit) else { continue }
            copy[id] = unit.candidates.map { Candidate(dot: dots($0.dot), values: $0.values) }
                .sorted { $0.dot < $1.dot }
        }
        copy.deletions = deletions.map { deletion in
            let cover = deletion.cover.compactMap { covered in
                rename(covered.unit).map { Covered(unit: $0, dot: dots(covered.dot)) }
            }
            return Deletion(dot: dots(deletion.dot), cover: cover.sorted(), into: deletion.into)
        }.sorted { $0.dot < $1.dot }
        return copy
    }
}
