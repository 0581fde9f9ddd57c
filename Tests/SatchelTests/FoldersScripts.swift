import SatchelTesting
import Testing

/// Random stories of people who meet by sticks. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from where on.
@Suite(.serialized) struct FoldersScripts {
    @Test func whateverBecomesOfSticksTabletsAndHubsNothingThatSomebodyStillHasIsLost_EXC46_EXC47_EXC48_EXC49_EXC51()
        throws
    {
        try live(.folders, count: 60)
    }
}
