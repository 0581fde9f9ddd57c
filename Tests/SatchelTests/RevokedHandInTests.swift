import Satchel
import SatchelHub
import Testing

/// Rows that are handed in to a hub put back, by who had, or had not, heard that another's work does not count, or counts again.
@Suite final class RevokedHandInTests: ReviewedWorld {
    private static let schema = """
        -- satchel: version 1
        -- satchel: policy client.count counter
        CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, phone TEXT, count INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT REFERENCES client(id), note TEXT NOT NULL);
        """
    private static let shown = "SELECT phone || count FROM client UNION ALL SELECT note FROM visit"

    /// b entered a client and a visit; c changed both after they had been shut out, and the hub has it in quarantine.
    private func withheld() throws -> (Hub, [Replica]) {
        let (hub, all) = try world(Self.schema, "b", "c", "d")
        try run(all[0], "INSERT INTO client VALUES ('k', 'Firm', 'old', 5)")
        try run(all[0], "INSERT INTO visit VALUES ('v', 'k', 'note')")
        try sync(hub, all)
        try hub.revoke("c")
        try run(all[1], "UPDATE client SET phone = 'of c', count = count + 10")
        try run(all[1], "UPDATE visit SET note = 'note of c'")
        try up(all[1], hub)
        try sync(hub, [all[0], all[2]])
        return (hub, [all[0], all[2]])
    }

    @Test(arguments: ["bd", "db"]) func whatIsReleasedBeforeWhoHasNotHeardOfItHandsIn_EXC29_REV6(order: String) throws {
        let (start, all) = try withheld()
        try start.backUp(to: folder + "/backup")
        try run(all[0], "UPDATE client SET name = 'Firm B'")
        try sync(start, all)
        let hub = try restoreHub(start, from: "backup")
        try hub.release([], ofDevice: "c")
        try sync(hub, order == "bd" ? all : all.reversed(), rounds: 3)
        for replica in all + [hub.replica] { #expect(try text(replica, Self.shown) == "of c15 note of c") }
        try expectEqual(hub, all)
    }

    /// The release was made at the hub that is gone, and one of the two has heard of it.
    @Test(arguments: ["bd", "db"]) func whatWasReleasedAtAHubThatIsPutBack_EXC29_REV6(order: String) throws {
        let (start, all) = try withheld()
        try start.backUp(to: folder + "/backup")
        try run(all[1], "UPDATE client SET name = 'Firm D'")
        try sync(start, all.reversed())
        try start.release([], ofDevice: "c")
        try sync(start, [all[0]])
        let hub = try restoreHub(start, from: "backup")
        try sync(hub, order == "bd" ? all : all.reversed(), rounds: 3)
        for replica in all + [hub.replica] { #expect(try text(replica, Self.shown) == "of c15 note of c") }
        try expectEqual(hub, all)
    }

    /// d was given c's work on a stick, and has not heard that it does not count.
    @Test(arguments: ["bd", "db"]) func whatARevokedDeviceHadReplacedComesBackWithANotice_EXC44_REV5(
        order: String
    ) throws {
        let (start, all) = try world(Self.schema, "b", "c", "d")
        let (b, c, d) = (all[0], all[1], all[2])
        try sync(start, all)
        try start.backUp(to: folder + "/backup")
        try run(b, "INSERT INTO client VALUES ('k', 'Firm', 'of b', 5)")
        try run(b, "INSERT INTO visit VALUES ('v', 'k', 'note of b')")
        try sync(start, all)
        try run(c, "UPDATE client SET phone = 'of c'")
        try run(c, "UPDATE visit SET note = 'note of c'")
        try start.revoke("c")
        try sync(start, [b])
        try carry(c, to: d)
        #expect(try text(d, Self.shown) == "of c5 note of c")
        let hub = try restoreHub(start, from: "backup")
        let both = order == "bd" ? [b, d] : [d, b]
        for replica in both { try sync(hub, [replica]) }
        try sync(hub, both, rounds: 3)
        for replica in [b, d, hub.replica] { #expect(try text(replica, Self.shown) == "of b5 note of b") }
        #expect(try hub.conflicts().isEmpty)
        try expectEqual(hub, [b, d])
        try hub.release([], ofDevice: "c")
        try sync(hub, both)
        for replica in [b, d, hub.replica] { #expect(try text(replica, Self.shown) == "of c5 note of c") }
    }
}
