/// Bugs that a test plants in this program, to see that the simulation finds them (TST-8).
///
/// Each is one line at the place where the rule stands, asked for off the paths of bulk work. Nothing but a test can
/// plant one: the value is package-private and lasts for one call.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// Of rival values the greatest is shown: replicas agree, and causality is broken (MRG-14).
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
    /// A note of the capture is lost (CAP-1).
    case noteIsLost
    /// What is committed is not waited for on the disk (F2).
    case diskIsNotAwaited

    /// Nil: none, as everywhere outside the tests of the tests.
    @TaskLocal package static var planted: PlantedBug?
}
