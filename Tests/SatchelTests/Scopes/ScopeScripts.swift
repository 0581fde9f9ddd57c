import SatchelTesting
import Testing

/// Random stories of scopes against the naive model. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from where on.
@Suite(.serialized) struct ScopeScripts {
    /// The model counts the scopes anew from the changes and the rules, whatever came first (SCO-5).
    @Test func whateverMovesEachDeviceHoldsWhatTheRulesGiveItAndIsToldOfNothingElse_SCO4_SCO9_SCO13_SCO19() throws {
        try live(.scopes, count: 60)
    }
}
