import SatchelTesting
import Testing

/// Random stories of tombstones and erasures against the rules. `SATCHEL_GRAVES` says how many, `SATCHEL_SEED` from which
/// seed on.
@Suite(.serialized) struct GraveScripts {
    @Test func whoeverIsAwayNothingComesBackAndNothingIsLost_EXC23_EXC24_EXC25_EXC26_ERA2_ERA5_ERA6_ERA10() throws {
        try live(.graves, count: 30, "SATCHEL_GRAVES")
    }
}
