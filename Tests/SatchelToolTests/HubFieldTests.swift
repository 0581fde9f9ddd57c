import Foundation
import Testing

extension Commands.FieldTests {
    /// Scopes and handing over.
    @Test func answersAboutScopesHaveTheFieldsThatAreWritten() throws {
        let world = try World(devices: ["wang", "li"])
        let hub = world["hub"]
        let scope = "scopes name rules devices rows faults"
        try check(
            world.hub("scope", "set", hub, "w", "--rule", "client BY name 'w'", "--json"), "CLI-53 CLI-54", scope)
        try world.hub("scope", "set", hub, "l", "--rule", "client BY name 'l'")
        try world.hub("scope", "set", hub, "x", "--rule", "nonsense", expecting: 2)
        try check(world.hub("scope", "list", hub, "--json"), "CLI-54", scope)
        try check(
            world.hub("scope", "preview", hub, "--scope", "w", "--json"), "CLI-55", "scopes rows bytes tables table")
        try check(world.hub("grant", hub, "wang", "--scope", "w", "--json"), "CLI-56", "device scopes")
        try world.hub("grant", hub, "li", "--scope", "l")
        let handover =
            "from to scopes owners table column rows counts former_before former_after successor_before "
            + "successor_after checklist complete former_has_come former_last_seen former_last_seen_ms former_lacks "
            + "parked set_aside still_named conflicts open_matters"
        try check(
            world.hub("handover", hub, "--from", "wang", "--to", "li", "--check", "--json"), "CLI-57", handover)
        try world.hub("handover", hub, "--from", "wang", "--to", "li")
        try check(world.hub("outside", hub, "--json"), "CLI-58", "outside")
        try world.hub("outside", "accept", hub, "client", "c1", expecting: 2)
        try world.hub("scope", "set", hub, "free", "--rule", "client ALL")
        try check(world.hub("scope", "remove", hub, "free", "--json"), "CLI-53 CLI-54", scope)
    }

    /// Devices that are shut out, hubs that are lost or put back.
    @Test func answersOfAHubThatIsSavedAndPutBackHaveTheFieldsThatAreWritten() throws {
        let world = try World(devices: ["wang"])
        let hub = world["hub"]
        try check(world.hub("backup", hub, world["saved"], "--json"), "CLI-64", "file position")
        try world.hub("backup", hub, world["saved"], expecting: 2)
        try check(world.hub("key", hub, "-o", world["key"], "--json"), "CLI-65", "file")
        try check(world.hub("restored", hub, "--json"), "CLI-67", "epoch position")
        try check(world.hub("lost", hub, "--json"), "CLI-68", "released awaited")
        try world.hub("lost", hub, "--declare", "nonsense", expecting: 2)
        try check(
            world.hub("rebuild", world["again"], "--key", world["key"], "--json"), "CLI-66", "hub data_set epoch")
        try world.hub("rebuild", world["again"], "--key", world["key"], expecting: 2)
        try check(world.hub("revoke", hub, "wang", "--json"), "CLI-62", "device")
        try check(
            world.hub("quarantine", hub, "--json"), "CLI-63", "released revoked device time time_ms changesets")
    }
}
