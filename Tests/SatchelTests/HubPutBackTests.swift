import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What devices of some scopes, or shut out, hand in to a hub that was put back or rebuilt.
@Suite final class HubPutBackTests: ReviewedWorld {
    /// A device met a key again that is not in its scopes, and the hub is put back before that is sent.
    @Test func aKeyMetAgainAndAHubPutBackEraseNothingOfTheOthers_EXC29_SCO32() throws {
        var (hub, wang, li) = try scoped()
        try run(li, "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'b', 'li', '1')")
        try sync(hub, [li, wang])
        try hub.backUp(to: folder + "/backup")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('own', 'w', 'wang')")
        try sync(hub, [wang])
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c2', 'again', 'wang')")
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [wang], rounds: 3)
        #expect(try text(hub.replica, "SELECT id || name FROM client ORDER BY id") == "c2b ownw")
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(hub.replica, "SELECT id || name FROM client ORDER BY id") == "c2b ownw")
        #expect(try text(li, "SELECT id || name FROM client") == "c2b")
    }

    /// A client left a device that has an unsent edit of it, and the hub is put back before that is sent.
    @Test(arguments: [true, false]) func aClientThatLeftADeviceWithAnUnsentEditSurvivesAHubPutBack_EXC29_SCO32(
        liFirst: Bool
    ) throws {
        var (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'a', 'wang', '1')")
        try sync(hub, [wang, li])
        try hub.backUp(to: folder + "/backup")
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try run(wang, "UPDATE client SET phone = '9' WHERE id = 'c1'")
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client") == "")
        try sync(hub, [li])
        #expect(try text(li, "SELECT id FROM client") == "c1")
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, liFirst ? [li, wang] : [wang, li], rounds: 3)
        #expect(
            try text(hub.replica, "SELECT id || name || owner FROM client") == "c1ali",
            "\(told(try hub.conflicts().map { ($0.unit, $0.candidates.map(\.values)) }))")
        #expect(try text(li, "SELECT id || name FROM client") == "c1a")
    }

    /// A thief reaches a restored hub before the notice of its revocation does.
    @Test func aNoticeThatComesBackToARestoredHubLosesNothingOfWhatWasHandedIn_EXC44_REV2() throws {
        let (start, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);", "z", "x", "y", "w")
        var hub = start
        let (z, x, y, w) = (all[0], all[1], all[2], all[3])
        try sync(hub, all)
        try hub.backUp(to: folder + "/backup")
        try run(z, "INSERT INTO t VALUES ('r', 'of z')")
        try sync(hub, all)
        try hub.revoke("y")
        try sync(hub, [x])
        try run(y, "UPDATE t SET v = 'of y'")
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [w], rounds: 3)
        #expect(try text(hub.replica, "SELECT v FROM t") == "of z")
        try up(y, hub)
        #expect(try text(hub.replica, "SELECT v FROM t") == "of y")
        try sync(hub, [x, w], rounds: 3)
        #expect(
            try text(hub.replica, "SELECT v FROM t") == "of z",
            "hub [\(told(try text(hub.replica, "SELECT id || v FROM t")))] x [\(told(try text(x, "SELECT id || v FROM t")))] w [\(told(try text(w, "SELECT id || v FROM t")))] \(told(try hub.conflicts().count))"
        )
        #expect(try text(w, "SELECT v FROM t") == "of z")
        try sync(hub, [z, x, w], rounds: 3)
        #expect(try text(w, "SELECT v FROM t") == "of z", "not even when its author comes back")
    }

    /// What an honest device replaced, in a change that is lost, stays replaced when a thief's change goes.
    @Test func whatWasReplacedByALostChangeDoesNotComeBackWithANotice_EXC44_EXC13() throws {
        let (start, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);", "z", "x", "y", "w")
        var hub = start
        let (z, x, y, w) = (all[0], all[1], all[2], all[3])
        try run(x, "INSERT INTO t VALUES ('r', 'first')")
        try sync(hub, all)
        try hub.backUp(to: folder + "/backup")
        try run(z, "UPDATE t SET v = 'of z'")
        try sync(hub, all)
        try hub.revoke("y")
        try sync(hub, [x])
        try run(y, "UPDATE t SET v = 'of y'")
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [w], rounds: 3)
        try up(y, hub)
        #expect(try text(hub.replica, "SELECT v FROM t") == "of y")
        try sync(hub, [x, w], rounds: 3)
        for replica in [hub.replica, x, w] { #expect(try text(replica, "SELECT v FROM t") == "of z") }
        #expect(try hub.conflicts().isEmpty, "the first value was seen by z")
        // Its author comes back with the change itself, which counts once.
        try sync(hub, [z, x, w], rounds: 2)
        for replica in [hub.replica, z, x, w] { #expect(try text(replica, "SELECT v FROM t") == "of z") }
        #expect(try hub.conflicts().isEmpty)
        try expectEqual(hub, [z, x, w])
    }

    /// What a restored hub keeps of what was handed in and replaced is erased with the row.
    @Test func whatWasReplacedAfterItWasHandedInIsErased_EXC44_ERA2() throws {
        let (start, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, n TEXT);", "z", "w")
        var hub = start
        try hub.backUp(to: folder + "/backup")
        try run(all[0], "INSERT INTO t VALUES ('r', 'VTRACE', 'NTRACE'), ('s', 'VTRACE', 'NTRACE')")
        try sync(hub, all)
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [all[1]], rounds: 3)
        try run(all[1], "UPDATE t SET v = 'new', n = 'new'")
        try sync(hub, [all[1]])
        func keeps(_ value: String) throws -> Bool {
            let hex = value.utf8.map { String(format: "%02X", $0) }.joined()
            return try text(hub.replica, "SELECT hex(state) FROM satchel_replaced").contains(hex)
        }
        #expect(try keeps("VTRACE") && keeps("NTRACE"))
        _ = try hub.erase(table: "t", key: key("r"))
        _ = try hub.erase(table: "t", key: key("s"), columns: ["v"])
        #expect(try !keeps("VTRACE") && keeps("NTRACE"), "one value of one row is left")
        #expect(try text(hub.replica, "SELECT count(*) FROM satchel_replaced") == "1")
    }

    /// A device of some scopes claims to stand beyond the hub's log, and hands in rows that are none of its.
    @Test func whoClaimsThatTheHubWasRestoredTakesNoRowsOfOthers_EXC29_SCO32() throws {
        let (hub, wang, li) = try scoped()
        try run(li, "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'b', 'li', '1')")
        try sync(hub, [li, wang])
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c2', 'forged', 'wang')")
        try wang.close()
        let file = try DatabaseQueue(path: wang.path)
        try file.write { db in
            try db.execute(
                sql:
                    "UPDATE satchel_meta SET value = 1000000 WHERE name = 'position'; INSERT OR REPLACE INTO satchel_meta(name, value) VALUES ('hand_in', 1)"
            )
        }
        try file.close()
        let forger = try Replica.open(at: folder + "/wang.db", anchors: .none)
        try forger.pack(to: folder + "/up")
        _ = try hub.merge([folder + "/up"])
        #expect(
            try text(hub.replica, "SELECT name || phone FROM client") == "b1",
            "aside \(told(try hub.replica.setAside().map(\.kind)))")
        try sync(hub, [li])
        #expect(try text(li, "SELECT name || phone FROM client") == "b1")
    }

    /// The same with a change that a restored hub sets aside, since the grant was given after the backup.
    @Test(arguments: [true, false]) func aChangeSetAsideAtARestoredHubTakesNoValueAway_EXC29_SCO32(
        authorFirst: Bool
    ) throws {
        var (hub, wang, li) = try scoped()
        let z = try device("z", hub, scopes: [])
        try run(li, "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'b', 'li', '1')")
        try sync(hub, [li, wang, z])
        try hub.backUp(to: folder + "/backup")
        try hub.grant("z", scopes: ["li"])
        try sync(hub, [z])
        try run(z, "UPDATE client SET name = 'new name', phone = '9' WHERE id = 'c2'")
        try sync(hub, [z, li])
        #expect(try text(li, "SELECT name || phone FROM client") == "new name9")
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, authorFirst ? [z, li] : [li, z], rounds: 3)
        let now = try text(hub.replica, "SELECT name || ifnull(phone, '-') FROM client")
        #expect(
            now == "new name9" || now == "b1",
            "[\(now)] outside \(told(try hub.outsideChanges().map(\.reason))) aside \(told(try hub.replica.setAside().map(\.kind)))"
        )
        #expect(try text(li, "SELECT name || ifnull(phone, '-') FROM client") == now)
    }

    /// A revoked device's change, which an honest device holds as state, and a hub that was put back.
    @Test(arguments: [true, false])
    func aWithheldChangeThatIsHandedInToARestoredHubEndsAlikeInBothOrders_EXC29_REV2_SCO32(thiefFirst: Bool) throws {
        let (start, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);", "z", "x", "y")
        var hub = start
        let (z, x, y) = (all[0], all[1], all[2])
        try run(z, "INSERT INTO t VALUES ('r', 'of z')")
        try sync(hub, all)
        try hub.backUp(to: folder + "/backup")
        try run(y, "UPDATE t SET v = 'of y'")
        try sync(hub, [y, x])
        #expect(try text(x, "SELECT v FROM t") == "of y")
        hub = try restoreHub(hub, from: "backup")
        try hub.revoke("y")
        if thiefFirst { try up(y, hub) }
        try sync(hub, [x, z], rounds: 3)
        if !thiefFirst { try up(y, hub) }
        try sync(hub, [x, z], rounds: 3)
        #expect(try text(hub.replica, "SELECT ifnull(v, 'NOTHING') FROM t") == "of z", "REV-2")
        #expect(try text(z, "SELECT ifnull(v, 'NOTHING') FROM t") == "of z")
        try expectEqual(hub, [x, z])
    }

    /// A hub that is lost and rebuilt from its key has no scopes.
    @Test func aRebuiltHubGivesNobodyWhatWasOutsideTheirScopes_SCO31() throws {
        let (first, wang, li) = try scoped()
        var hub = first
        try run(li, "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'geheim', 'li', '1')")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c1', 'mine', 'wang')")
        try sync(hub, [li, wang])
        #expect(try text(wang, "SELECT name FROM client") == "mine")
        try hub.exportKey(to: folder + "/key")
        try hub.close()
        try FileManager.default.moveItem(atPath: folder + "/hub", toPath: folder + "/burnt")
        hub = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        for replica in [li, wang] {
            try up(replica, hub)
            #expect(throws: UsageError.self) { try down(replica, hub) }
            #expect(throws: UsageError.self, "it is told that it is served all") { try hub.granted(replica.name) }
            #expect(throws: UsageError.self) { try hub.preview(device: replica.name) }
        }
        // What is said of one gives nothing to the other.
        for person in ["wang", "li"] { try hub.setScope(person, rules: ["client BY owner '\(person)'"]) }
        try hub.grant("li", scopes: ["li"])
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(li, "SELECT name FROM client") == "geheim" && text(wang, "SELECT name FROM client") == "")
        try hub.grant("wang", scopes: ["wang"])
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(wang, "SELECT name FROM client ORDER BY id") == "mine")
        #expect(try text(li, "SELECT name FROM client") == "geheim")
    }

    @Test func whoKnowsThatTheHubLostTheirWorkDoesNotSayThatAllIsThere_EXC29_INB13() throws {
        let fork = try ForkWorld()
        defer { fork.remove() }
        var hub = try fork.hub()
        let (a, b) = (try fork.device("a", hub: hub), try fork.device("b", hub: hub))
        try fork.write(a, "early")
        try fork.sync([a, b], hub, rounds: 2)
        try hub.backUp(to: fork.path("backup"))
        try fork.write(a, "late")
        try fork.sync([a, b], hub, rounds: 2)
        #expect(try a.status().isAllAtHub)
        #expect(
            try a.status(table: "t", key: key("late")).level == .everywhere
                || a.status(table: "t", key: key("late")).level == .atHub)
        try hub.close()
        try fork.restore("backup", over: "hub/hub.sqlite")
        hub = try Hub.open(at: fork.path("hub"), anchors: .none)
        try hub.restored()
        try fork.fetch(a, hub)
        #expect(try !fork.ids(hub.replica).contains("late"))
        #expect(try !a.status().isAllAtHub, "the device was told that the hub begins before it stands")
        #expect(try a.status(table: "t", key: key("late")).level < .atHub)
        try fork.sync([a, b], hub)
        try fork.expectEqual([a, b, hub.replica], ["early", "late"])
    }

    @Test func aReleaseAtARebuiltHubLosesNothingOfWhatWasHandedIn_EXC44() throws {
        let fork = try ForkWorld()
        defer { fork.remove() }
        var hub = try fork.hub()
        let (z, x, y) = (
            try fork.device("z", hub: hub), try fork.device("x", hub: hub), try fork.device("y", hub: hub)
        )
        try hub.backUp(to: fork.path("backup"))
        try fork.write(z, "r", value: "of z")
        try fork.sync([z, x, y], hub, rounds: 2)
        try hub.close()
        try fork.restore("backup", over: "hub/hub.sqlite")
        hub = try Hub.open(at: fork.path("hub"), anchors: .none)
        try hub.restored()
        try fork.sync([x, y], hub)
        #expect(try fork.ids(hub.replica) == ["r"])
        try y.write { try $0.execute(sql: "UPDATE t SET v = 'of y' WHERE id = 'r'") }
        try hub.revoke("y")
        try fork.handIn(y, hub)
        try fork.sync([x], hub)
        #expect(try text(x, "SELECT v FROM t") == "of z")
        #expect(try hub.quarantine().changesets.count == 1)
        try hub.release([], ofDevice: "y")
        #expect(try text(hub.replica, "SELECT v FROM t") == "of y", "aside: \(told(try hub.replica.setAside().count))")
        try fork.sync([x], hub)
        #expect(try text(x, "SELECT v FROM t") == "of y")
    }

    @Test func acceptingWhatWasSetAsideAtARestoredHubLosesNothingOfWhatWasHandedIn_EXC44() throws {
        var (hub, _) = try world(ScopeWorld.schema)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        let (wang, li, z) = (
            try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]),
            try device("z", hub, scopes: ["li"])
        )
        try sync(hub, [wang, li, z])
        try hub.backUp(to: folder + "/backup")
        try run(z, "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'b', 'li', '1')")
        try sync(hub, [z, li])
        try hub.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: folder + "/hub/hub.sqlite" + suffix)
        }
        try FileManager.default.copyItem(atPath: folder + "/backup", toPath: folder + "/hub/hub.sqlite")
        hub = try Hub.open(at: folder + "/hub", anchors: .none)
        try hub.restored()
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(hub.replica, "SELECT name || phone FROM client") == "b1")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c2', 'forged', 'wang')")
        try sync(hub, [wang])
        #expect(try hub.outsideChanges().count == 1)
        try hub.acceptSetAside(table: "client", key: key("c2"))
        try sync(hub, [li, wang], rounds: 2)
        #expect(
            try text(hub.replica, "SELECT ifnull(phone, '-') FROM client") == "1" || !hub.conflicts().isEmpty,
            "z's values are gone: \(told(try text(hub.replica, "SELECT name || ifnull(phone, '-') FROM client")))")
    }

    /// What the hub that is gone had set aside is taken in by the new one; who hands in had heard of it and holds nothing of it.
    @Test(arguments: [true, false]) func whatTheOldHubSetAsideIsNotLostWhereTheNewOneTakesItIn_EXC29_SCO19(
        authorFirst: Bool
    ) throws {
        let (start, wang, _) = try scoped()
        let chief = try device("chief", start, scopes: ["all"])
        try run(start.replica, "INSERT INTO client(id, name, owner) VALUES ('c1', 'of the hub', 'li')")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c1', 'of wang', 'wang')")
        try up(wang, start)
        #expect(try start.outsideChanges().count == 1)
        try sync(start, [chief])
        try start.exportKey(to: folder + "/key")
        try start.close()
        try FileManager.default.removeItem(atPath: folder + "/hub")
        let hub = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        try hub.setScope("wang", rules: ["client BY owner 'wang'", "visit IN (client)"])
        for replica in authorFirst ? [wang, chief] : [chief, wang] {
            // A hub knows a device only once it has come.
            try up(replica, hub)
            try hub.grant(replica.name, scopes: [replica === wang ? "wang" : "all"])
            try sync(hub, [replica])
        }
        try sync(hub, [wang, chief], rounds: 3)
        if !authorFirst {
            #expect(try hub.outsideChanges().count == 1, "the row is there again")
            try hub.acceptSetAside(table: "client", key: key("c1"))
            try sync(hub, [wang, chief], rounds: 3)
        }
        for replica in [hub.replica, chief] {
            let names = try replica.conflicts().filter { $0.unit == "name" }.flatMap(\.candidates).map(\.values)
            #expect(
                Set(names) == [[.text("of wang")], [.text("of the hub")]],
                "\(replica.name): \(told(try text(replica, "SELECT name FROM client")))")
        }
        #expect(try chief.digest() == hub.digest(for: "chief"))
    }

    /// Wang knows another row of the changeset that entered the client whose key they meet again.
    @Test func aKeyMetAgainTakesNothingFromTheOthersOfARebuiltHub_EXC29() throws {
        let (start, wang, _) = try scoped()
        let boss = try device("boss", start, scopes: ["all"])
        try start.exportKey(to: folder + "/key")
        try run(
            boss, "INSERT INTO client(id, name, owner) VALUES ('c1', 'first', 'li'), ('c2', 'other', 'wang')")
        try sync(start, [boss, wang])
        #expect(try text(wang, "SELECT id FROM client") == "c2")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c1', 'again', 'wang')")
        try start.close()
        try FileManager.default.removeItem(atPath: folder + "/hub")
        let hub = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        for replica in [boss, wang] {
            try up(replica, hub)
            try hub.grant(replica.name, scopes: ["all"])
        }
        try sync(hub, [boss, wang], rounds: 3)
        let names = try hub.conflicts().filter { $0.unit == "name" }.flatMap { $0.candidates.map(\.values) }
        #expect(Set(names) == [[.text("first")], [.text("again")]])
        try expectEqual(hub, [boss, wang])
    }

    /// Wang was given a part of what a device had written that was then shut out.
    @Test func nobodyIsAskedForTheRestOfWhatIsWithheld_REV2_EXC34() throws {
        let (hub, wang, _) = try scoped()
        let boss = try device("boss", hub, scopes: ["all"])
        try run(
            boss, "INSERT INTO client(id, name, owner) VALUES ('c1', 'first', 'li'), ('c2', 'other', 'wang')")
        try sync(hub, [boss, wang])
        try run(boss, "UPDATE client SET phone = '1' WHERE id = 'c1'")
        try run(boss, "UPDATE client SET phone = '2' WHERE id = 'c2'")
        try carry(boss, to: wang)
        #expect(try wang.status().parked.count == 1)
        try hub.revoke("boss")
        try sync(hub, [wang])
        #expect(try wang.status().parked.isEmpty)
    }
}
