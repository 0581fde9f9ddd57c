internal import SatchelMerge
internal import SatchelModel

/// Bugs that a test plants in this program, to see that the simulation finds them (TST-8).
///
/// The rules of the merge know nothing of them: what a rule is given or gives is spoiled on its way, here. Those of the
/// exchange stand where the engine asks its own `planted`, which is nil unless a test set it.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// Of rival values the greatest is shown: replicas agree, and the rule is broken (MRG-14).
    case greatestValueIsShown
    /// A changeset is applied before what it builds on (EXC-13, EXC-14).
    case causesAreNotAwaited
    /// A write takes away rivals that its author never saw (MRG-8).
    case unseenIsReplaced
    /// A deletion takes candidates away instead of covering them (MRG-5).
    case deletionRemoves
    /// A deletion covers only what was shown (MRG-12).
    case hiddenIsNotCovered
    /// Keep leaves the units alone that the deletion had half seen (MRG-11).
    case keepSettlesNothing
    /// An ordinary write leaves all but one dot of an equal value standing (MRG-9).
    case equalValueStays
    /// What is packed for the hub counts as being there (EXC-20).
    case packedIsReceived
    /// A reply is taken although a later one was (EXC-16).
    case oldReplyIsTaken
    /// What the hub does not have yet is not replayed on its rows (EXC-17).
    case pendingIsNotReplayed
    /// Unique places are judged by what was written, and not by what is displayed (MRG-22).
    case placeIsAsWritten
    /// A row that falls, or loses its place, though nothing of it changed, does not let go of the deleted parent that it kept (MRG-20).
    case keptIsNotLetGo
    /// A device's bundle replaces what lies in its place in a folder, unread (EXC-47).
    case leftIsNotRead
    /// A note of the capture is lost (CAP-1).
    case noteIsLost
    /// What is committed is not waited for on the disk (F2).
    case diskIsNotAwaited
}

extension PlantedBug {
    /// What a changeset is about to do to a row.
    func spoil(_ change: inout RowChange, before state: inout RowState) {
        switch self {
        case .unseenIsReplaced:
            for place in change.writes.indices {
                change.writes[place].replaced = state[change.writes[place].unit].map(\.dot)
            }
        case .deletionRemoves:
            let cover = Set(change.cover ?? [])
            for unit in state.units {
                state[unit.unit] = unit.candidates.filter { !cover.contains(Covered(unit: unit.unit, dot: $0.dot)) }
            }
        default: break
        }
    }

    /// What became of a person's act upon a row.
    func spoil(_ change: inout RowChange, madeOn state: RowState) {
        switch self {
        case .hiddenIsNotCovered:
            guard change.cover != nil, state.held.count > state.units.count else { return }
            change.cover = state.units.map { Covered(unit: $0.unit, dot: $0.candidates[0].dot) }
        case .keepSettlesNothing:
            if !change.deletionsReplaced.isEmpty { change.writes.removeAll { $0.unit != RowState.existence } }
        case .equalValueStays:
            for (place, write) in change.writes.enumerated() {
                let values = Set(state[write.unit].filter { write.replaced.contains($0.dot) }.map(\.values))
                if values.count == 1 { change.writes[place].replaced = Array(write.replaced.prefix(1)) }
            }
        default: break
        }
    }

    /// The verdict on a row.
    func spoil(_ verdict: inout Verdict, on state: RowState) {
        guard self == .greatestValueIsShown else { return }
        for (place, shown) in verdict.shown.enumerated() where verdict.conflicts.contains(shown.unit) {
            let rivals = state.uncovered.filter { $0.unit == shown.unit }.map(\.candidate)
            guard let greatest = rivals.map({ RowKey($0.values) }).max() else { continue }
            verdict.shown[place].values = Array(greatest.values.prefix(shown.values.count))
        }
    }
}
