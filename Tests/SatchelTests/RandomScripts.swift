import SatchelTesting
import Testing

/// Random stories against the naive model. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from which seed on.
@Suite(.serialized) struct RandomScripts {
    /// Beside the rules named: what each replica keeps and knows is the script's own bookkeeping by EXC-6, EXC-7, EXC-8
    /// and EXC-13; what acts replace is judged by EXC-1, EXC-5, EXC-9, EXC-10, EXC-11 and EXC-12; what a reply may leave
    /// out by EXC-15; conflicts are answered by number (MRG-19), keys change (MRG-24), and digests are made again by
    /// DIG-1, DIG-2, DIG-3, DIG-4, DIG-5 and DIG-6.
    @Test func whateverTheRoadsReplicasAgreeWithTheRulesAndLoseNothing_MRG8_MRG14_MRG20_MRG26_EXC14_EXC17() throws {
        try live(.records, count: 40)
    }

    @Test func nothingDanglesAndNothingClashes_MRG20_MRG22_MRG40_MRG41_MRG42_MRG43_MRG44_MRG45_MRG46_MRG47_MRG48()
        throws
    {
        try live(.net, count: 40)
    }

    @Test func whoHasAPlaceHangsOnWhatIsDisplayed_MRG22_MRG43_MRG53() throws { try live(.places, count: 40) }

    @Test func fatesThatHangOnEachOtherAreAsTheRulesSay_MRG20_MRG22_MRG42_MRG43_MRG53() throws {
        try live(.tangle, count: 40)
    }

    @Test func devicesOfThreeVersionsLoseNothingAndAgreeOnceAllHaveMigrated_VER2_VER3_VER4_VER5_VER6_VER10_MRG37()
        throws
    {
        try live(.versions, count: 40)
    }

    @Test func aSeedTellsOneStory() {
        var a = SplitMix64(seed: 1234567)
        #expect([a.next(), a.next(), a.next()] == [6457827717110365317, 3203168211198807973, 9817491932198370423])
    }
}
