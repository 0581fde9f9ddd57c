import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// A device may stand at any reply that was written for it, whatever the hub has heard of since (SCO-12, SCO-13).
@Suite final class ScopeRepliesTests: ReviewedWorld {
    @Test(arguments: [false, true]) func aRowThatCameAndWentLeavesThoughAnOldBundleComesLate_SCO13_SCO15(
        late: Bool
    ) throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        try wang.pack(to: folder + "/old")
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try up(wang, hub)
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "r w")
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET phone = '1' WHERE id = 'w'")
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        if late { _ = try hub.merge([folder + "/old"]) }
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w", "SCO-13: r has left")
        try run(hub.replica, "UPDATE client SET phone = 'geheim' WHERE id = 'r'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w", "for ever")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test(arguments: [false, true]) func aVisitThatCameBackIsSentThoughAnOldBundleComesLate_SCO12(late: Bool) throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang'), ('c', 'C', 'wang')")
        try run(wang, "INSERT INTO visit(id, client) VALUES ('v', 'c')")
        try sync(hub, [wang, li])
        try wang.pack(to: folder + "/old")
        try run(wang, "UPDATE visit SET note = 'of wang'")
        try up(wang, hub)
        try down(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c'")
        try up(wang, hub)
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client") == "w")
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET phone = '1' WHERE id = 'w'")
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'c'")
        if late { _ = try hub.merge([folder + "/old"]) }
        try down(wang, hub)
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "c w")
        #expect(try text(wang, "SELECT id || note FROM visit") == "vof wang", "SCO-12")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test func aRowThatCameAndWentLeavesBothCopiesOfAFile_SCO13_EXC27() throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        let copy = try wang.duplicate(to: folder + "/copy.db")
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try up(wang, hub)
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET phone = '1' WHERE id = 'w'")
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        try up(copy, hub)
        try hub.pack(for: "wang", to: folder + "/for-wang")
        try wang.apply(folder + "/for-wang")
        try sync(hub, [wang, copy, wang, copy])
        for replica in [wang, copy] {
            #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "w", "SCO-13")
            #expect(try replica.digest() == hub.digest(for: "wang"))
        }
    }

    @Test func aRowLeavesThatAHubPutBackDoesNotKnowToHaveSent_SCO13_EXC28() throws {
        var (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try up(wang, hub)
        try hub.backUp(to: folder + "/backup")
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "r w")
        hub = try restoreHub(hub, from: "backup")
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        // As `merge --all` does, or a drop folder, before anything of wang has come.
        try down(wang, hub)
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w", "SCO-13")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test func anOldBundleThatComesLateMakesTheReplyNoSnapshot_SCO13() throws {
        let (hub, wang, li) = try scoped()
        for id in 0..<50 { try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w\(id)', 'W', 'wang')") }
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        try wang.pack(to: folder + "/old")
        for owner in ["wang", "li"] {
            try run(hub.replica, "UPDATE client SET owner = '\(owner)' WHERE id = 'r'")
            try sync(hub, [wang])
        }
        for _ in 0..<2 {
            _ = try hub.merge([folder + "/old"])
            #expect(try hub.pack(for: "wang", to: folder + "/down").rows == 0)
        }
        try wang.apply(folder + "/down")
        try sync(hub, [wang, li])
        #expect(try text(wang, "SELECT count(*) FROM client") == "50")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test func ofMoreRepliesThanAreNotedTheNextIsASnapshot_SCO13() throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        try wang.pack(to: folder + "/old")
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try hub.pack(for: "wang", to: folder + "/in-flight")
        for round in 0..<258 {
            try run(hub.replica, "UPDATE client SET owner = '\(round % 2 == 0 ? "li" : "wang")' WHERE id = 'r'")
            try hub.pack(for: "wang", to: folder + "/lost")
        }
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        try wang.apply(folder + "/in-flight")
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "r w")
        _ = try hub.merge([folder + "/old"])
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client") == "w")
        try sync(hub, [wang, li])
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }
}
