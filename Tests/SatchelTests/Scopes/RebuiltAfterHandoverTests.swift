import Foundation
import Satchel
import SatchelHub
import Testing

/// A hub that is put back to before a handover, and hears first from one or the other of the two (SCO-32).
@Suite final class RebuiltAfterHandoverTests: ReviewedWorld {
    /// The operator grants again what was granted when the hub was lost; the former owner has nothing any more.
    @Test(arguments: ["wang li", "li wang"])
    func whatWasHandedOverIsThereWhoeverComesFirst_SCO32_EXC29(order: String) throws {
        let (lost, wang, li) = try scoped()
        try lost.exportKey(to: folder + "/key")
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'a', 'wang', '1')")
        try run(wang, "UPDATE client SET name = 'b'")
        try sync(lost, [wang, li])
        try run(lost.replica, "UPDATE client SET owner = 'li'")
        try sync(lost, [wang, li])
        try run(li, "UPDATE client SET phone = '9'")
        try sync(lost, [li])
        try run(li, "UPDATE client SET name = 'c'")
        try lost.close()
        try FileManager.default.removeItem(atPath: folder + "/hub")
        let hub = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        for replica in [wang, li] { try up(replica, hub) }
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        try hub.grant("li", scopes: ["li"])
        try sync(hub, order == "wang li" ? [wang, li] : [li, wang], rounds: 3)
        for replica in [hub.replica, li] {
            #expect(try text(replica, "SELECT id || name || owner || ifnull(phone, '-') FROM client") == "c1cli9")
        }
        #expect(try text(wang, "SELECT id FROM client") == "")
        #expect(try hub.conflicts().isEmpty, "\(values(try hub.conflicts()))")
        #expect(try hub.outsideChanges().allSatisfy { $0.device == "wang" }, "\(told(try hub.outsideChanges()))")
        #expect(try li.status().isAllAtHub && li.status().outside == 0)
    }

    /// What nobody has taken in before is nobody's by being handed in once more.
    @Test func whatWasSetAsideAtTheHubThatIsGoneStaysSo_SCO32_SCO19() throws {
        var (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('own', 'w', 'wang')")
        try sync(hub, [wang, li])
        try hub.backUp(to: folder + "/backup")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c2', 'x', 'li')")
        try sync(hub, [wang, li])
        #expect(try hub.outsideChanges().count == 1)
        try run(wang, "UPDATE client SET name = 'v' WHERE id = 'own'")
        try sync(hub, [wang])
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try hub.outsideChanges().count == 1)
        #expect(try text(hub.replica, "SELECT id || name FROM client") == "ownv")
        #expect(try text(li, "SELECT id FROM client") == "")
    }

    /// Who enters a client under the key of one that they cannot see replaces nothing, though they wrote to it in between.
    @Test func whoEntersAgainWhatTheyCannotSeeTakesNothingAway_EXC29() throws {
        let (lost, wang, li) = try scoped()
        try lost.exportKey(to: folder + "/key")
        func enter(_ name: String, _ owner: String) throws {
            try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c', '\(name)', '\(owner)')")
        }
        try enter("first", "li")
        try sync(lost, [wang, li])
        try enter("second", "li")
        try wang.seal()
        try up(wang, lost)
        try run(wang, "UPDATE client SET owner = 'wang'")
        try wang.seal()
        let change = try #require(try lost.outsideChanges().first)
        try lost.acceptSetAside(table: change.table, key: change.key)
        try down(wang, lost)
        #expect(try text(wang, "SELECT id FROM client") == "")
        try lost.close()
        try FileManager.default.removeItem(atPath: folder + "/hub")
        try enter("third", "wang")
        let hub = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        try up(wang, hub)
        try hub.setScope("wang", rules: ["client BY owner 'wang'", "visit IN (client)"])
        try hub.grant("wang", scopes: ["wang"])
        try sync(hub, [wang], rounds: 3)
        let asked = try #require(try hub.conflicts().first { $0.columns == ["name"] })
        #expect(Set(asked.candidates.map { $0.values.map(\.display) }) == [["first"], ["second"], ["third"]])
    }
}
