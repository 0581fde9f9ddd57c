public import SatchelModel

/// What an author's acts become, given what their replica held (MRG-9 to MRG-13).
///
/// Each names exactly the dots that were really held and are replaced: nothing unseen is ever removed.
public enum Writing {
    public typealias NewValues = (unit: UnitID, values: [Value])

    /// A row entered. Over a held dead row it takes the place of what the deletion left; where no complete row is
    /// held it replaces nothing (MRG-10).
    public static func insert(_ units: [NewValues], over state: RowState?, dead: Bool) -> RowChange {
        let all: [NewValues] = [(RowState.existence, [])] + units
        guard let state, dead else {
            return RowChange(writes: all.map { UnitWrite(unit: $0.unit, values: $0.values, replaced: []) })
        }
        return RowChange(
            writes: all.map { new in
                UnitWrite(unit: new.unit, values: new.values, replaced: state[new.unit].map(\.dot))
            },
            deletionsReplaced: state.deletions.map(\.dot))
    }

    /// An ordinary write: it replaces all dots of the shown value, and leaves hidden candidates alone (MRG-9).
    public static func update(_ units: [NewValues], on verdict: Verdict) -> RowChange {
        RowChange(
            writes: units.map { new in
                let dots = verdict.shown(new.unit)?.dots ?? []
                let stays = dots.count > 1 && PlantedBug.planted == .equalValueStays
                return UnitWrite(unit: new.unit, values: new.values, replaced: stays ? Array(dots.prefix(1)) : dots)
            })
    }

    /// A row deleted: it covers everything held and takes the place of the standing deletions (MRG-12).
    public static func delete(_ state: RowState) -> RowChange {
        var held = state.held
        if held.count > state.units.count, PlantedBug.planted == .hiddenIsNotCovered {
            held = state.units.map { Covered(unit: $0.unit, dot: $0.candidates[0].dot) }
        }
        return RowChange(deletionsReplaced: state.deletions.map(\.dot), cover: held)
    }

    /// A person decided: the new value takes the place of every candidate of the unit (MRG-13).
    public static func resolve(_ unit: UnitID, to values: [Value], on state: RowState) -> RowChange {
        RowChange(writes: [UnitWrite(unit: unit, values: values, replaced: state[unit].map(\.dot))])
    }

    /// A person keeps a row that another deleted: the deletions go, existence is written anew, and units that
    /// have covered beside uncovered candidates are settled on what is shown (MRG-11).
    public static func keep(_ state: RowState, verdict: Verdict) -> RowChange {
        let covered = Set(state.deletions.flatMap(\.cover))
        var writes = [
            UnitWrite(unit: RowState.existence, values: [], replaced: state[RowState.existence].map(\.dot))
        ]
        for unit in state.units where unit.unit != RowState.existence {
            let hidden = unit.candidates.map(\.dot).filter { covered.contains(Covered(unit: unit.unit, dot: $0)) }
            guard !hidden.isEmpty, hidden.count < unit.candidates.count,
                let shown = verdict.shown(unit.unit), PlantedBug.planted != .keepSettlesNothing
            else { continue }
            writes.append(
                UnitWrite(
                    unit: unit.unit, values: shown.values, replaced: Array(Set(hidden).union(shown.dots)).sorted()))
        }
        return RowChange(writes: writes, deletionsReplaced: state.deletions.map(\.dot))
    }
}
