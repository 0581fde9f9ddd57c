import SatchelTesting
import Testing

/// Random stories of restored and rebuilt hubs. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from where on.
@Suite(.serialized) struct RestoredHubScripts {
    @Test func whateverHubIsPutBackNothingThatADeviceHoldsIsLost_EXC28_EXC29_EXC30() throws {
        try live(.restored, count: 40)
    }
}
