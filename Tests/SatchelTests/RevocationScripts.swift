import SatchelTesting
import Testing

/// Random stories of devices that are shut out. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from where on.
@Suite(.serialized) struct RevocationScripts {
    @Test func whoeverIsShutOutInWhateverOrderEverybodyHonestShowsTheSameAndNobodyWaits_REV1_REV2_REV3_REV4_REV5_REV6()
        throws
    {
        try live(.revoked, count: 40)
    }
}
