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
            "from to scopes owners table column rows kept taken_in counts former_before former_after successor_before "
            + "successor_after checklist complete handed_over former_has_come former_copies former_is_gone former_last_seen former_last_seen_ms former_lacks "
            + "parked set_aside held_aside still_named kept_named conflicts open_matters"
        try check(
            world.hub("handover", hub, "--from", "wang", "--to", "li", "--check", "--json"), "CLI-57", handover)
        let due = try world.hub("handover", hub, "--from", "wang", "--to", "li", "--check").output
        #expect(due.contains("client.name: w would become l in 0 rows") && due.contains("[ ] handed over"))
        let done = try world.hub("handover", hub, "--from", "wang", "--to", "li").output
        #expect(done.contains("client.name: w became l in 0 rows") && done.contains("[x] handed over"))
        try world.hub("revoke", hub, "wang")
        try world.hub("grant", hub, "wang", "--scope", "w", expecting: 2)
        try world.hub("handover", hub, "--from", "li", "--to", "wang", "--check", expecting: 2)
        try check(world.hub("outside", hub, "--json"), "CLI-58", "outside")
        try world.hub("outside", "accept", hub, "client", "c1", expecting: 2)
        try world.hub("scope", "set", hub, "free", "--rule", "client ALL")
        try check(world.hub("scope", "remove", hub, "free", "--json"), "CLI-53 CLI-54", scope)
    }

    /// CLI-58, SCO-34: the second who enters a row of a table that the hub does not know.
    @Test func whatWasSetAsideOfATableThatTheHubDoesNotKnowIsLetIn() throws {
        let world = try World()
        let hub = world["hub"]
        try world.write(
            "-- satchel: version 1\n\(World.schema)\nCREATE TABLE need(id TEXT PRIMARY KEY, text TEXT);", "next.sql")
        try world.hub("scope", "set", hub, "w", "--rule", "client BY name 'w'")
        func exchange(_ device: String, _ code: Int32) throws {
            try world.satchel("pack", world[device + ".db"], "-o", world["up"])
            try world.hub("merge", hub, world["up"], "--replies", world["replies"], expecting: code)
            try world.satchel("apply", world[device + ".db"], world["replies/\(device).satchel"])
        }
        // Whoever was never served by scopes may enter anything.
        for device in ["wang", "li"] {
            try world.hub("grant", hub, device, "--scope", "w")
            try world.satchel("migrate", world[device + ".db"], world["next.sql"])
            try exchange(device, 0)
        }
        for device in ["wang", "li"] {
            try world.load(device, "need", "id,text\nn1,\(device)\n")
            try exchange(device, 5)
        }
        func shown(_ device: String) throws -> Bool {
            try world.satchel("dump", world[device + ".db"], "need").output.contains("n1")
        }
        #expect(try shown("wang") && !shown("li"))
        try world.hub("outside", "accept", hub, "need", "n2", expecting: 2)
        try world.hub("outside", "accept", hub, "need", "n1")
        try exchange("wang", 0)
        try exchange("li", 0)
        #expect(try shown("wang") && shown("li"))
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

    /// CLI-64, CLI-67: the copy is a hub, in another epoch once it is told that it was put back.
    @Test func aBackupIsTheHubAsItWas() throws {
        let world = try World(devices: ["wang"])
        try world.load("wang", "client", "id,name\nc1,恒达\n")
        try world.exchange(["wang"])
        try FileManager.default.createDirectory(atPath: world["put-back"], withIntermediateDirectories: true)
        let saved = try world.hub("backup", world["hub"], world["put-back/hub.sqlite"], "--json").json
        #expect(try saved["position"] as? Int == world.hub("devices", world["hub"], "--json").json["position"] as? Int)
        let digest = try world.digest("hub")
        try world.load("wang", "client", "id,name\nc2,瑞丰\n")
        try world.exchange(["wang"])
        #expect(try world.digest("put-back") == digest && world.digest("hub") != digest)
        let before = try world.satchel("status", world["put-back"], "--json").json["epoch"] as? Int ?? 0
        let epoch = try world.hub("restored", world["put-back"], "--json").json["epoch"] as? Int ?? 0
        #expect(epoch > before && before > 0)
    }

    /// CLI-65, CLI-66: an empty hub of the same data set, to which a device hands in what it holds.
    @Test func aHubIsMadeAnewFromItsKey() throws {
        let world = try World(devices: ["wang"])
        try world.load("wang", "client", "id,name\nc1,恒达\n")
        try world.exchange(["wang"])
        try world.hub("key", world["hub"], "-o", world["key"])
        try world.hub("key", world["hub"], "-o", world["key"], expecting: 2)
        let told = try world.hub("rebuild", world["again"], "--key", world["key"], "--json").json
        let status = try world.satchel("status", world["wang.db"], "--json").json
        #expect(told["data_set"] as? String == status["data_set"] as? String)
        #expect(try !world.satchel("dump", world["again"], "client").output.contains("恒达"))
        #expect(try world.digest("again") != world.digest("wang.db"))
        for _ in 0..<2 {
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            try world.hub("merge", world["again"], world["up"], "--replies", world["r"])
            _ = try Tool.satchel.run(["apply", world["wang.db"], world["r/wang.satchel"]])
        }
        #expect(try world.digest("again") == world.digest("wang.db"))
        #expect(try world.satchel("dump", world["again"], "client").output.contains("c1,恒达"))
    }

    /// CLI-62, CLI-63: what is withheld is listed, and counts once it is released by its name.
    @Test func whatADeviceMadeAfterItWasShutOutIsListedAndReleased() throws {
        let world = try World(devices: ["wang"])
        try world.exchange(["wang"])
        try world.hub("revoke", world["hub"], "wang")
        try world.load("wang", "client", "id,name\nc1,恒达\n")
        try world.satchel("pack", world["wang.db"], "-o", world["up"])
        try world.hub("merge", world["hub"], world["up"], expecting: 5)
        try world.hub("pack", world["hub"], "--for", "wang", "-o", world["down"], expecting: 2)
        #expect(try !world.satchel("dump", world["hub"], "client").output.contains("恒达"))
        let held = try world.hub("quarantine", world["hub"], "--json").json
        let changesets = try #require(held["changesets"] as? [[String: Any]])
        #expect(changesets.count == 1 && changesets[0]["device"] as? String == "wang")
        #expect((held["revoked"] as? [[String: Any]])?.map { $0["device"] as? String } == ["wang"])
        let dot = try #require(changesets[0]["dot"] as? String)
        try world.hub("quarantine", world["hub"], "--release", "nothing", expecting: 2)
        let released = try world.hub("quarantine", world["hub"], "--release", dot, "--json").json
        #expect(released["released"] as? Int == 1 && (released["changesets"] as? [Any])?.isEmpty == true)
        #expect(try world.satchel("dump", world["hub"], "client").output.contains("c1,恒达"))
    }

    /// CLI-48, CLI-36: it is given up until it comes.
    @Test func aDeviceThatWasGivenUpIsLiveAgainWhenItComes() throws {
        let world = try World(devices: ["wang"])
        try world.exchange(["wang"])
        func wang() throws -> [String: Any] {
            let told = try world.hub("devices", world["hub"], "--json").json
            return try #require((told["devices"] as? [[String: Any]])?.first { $0["name"] as? String == "wang" })
        }
        #expect(try wang()["retired"] is NSNull)
        try world.hub("retire", world["hub"], "wang")
        #expect(try wang()["retired"] is String)
        try world.load("wang", "client", "id,name\nc1,恒达\n")
        try world.exchange(["wang"])
        #expect(try wang()["retired"] is NSNull)
        #expect(try world.digest("wang.db") == world.digest("hub"))
    }
}
