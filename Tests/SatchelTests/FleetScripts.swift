import SatchelTesting
import Testing

/// Random stories of all that a hub lives through at once. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from where on.
@Suite(.serialized) struct FleetScripts {
    @Test func whateverAHubLivesThroughNothingIsLost_TST14() throws { try live(.fleet, count: 60) }
}
