import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What a handover's list counts that nobody sees, and what an operator takes in of a row (SCO-20, SCO-25).
@Suite final class HandoverListTests: ReviewedWorld {
    @Test func whatATableRefusesOfTheFormerOwnersIsNotDoneWith_SCO25() throws {
        let (hub, _) = try world(
            "CREATE TABLE client(id TEXT PRIMARY KEY, owner TEXT, code TEXT UNIQUE); "
                + "CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id));")
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        try run(li, "INSERT INTO client VALUES ('l', 'li', 'C1')")
        try run(wang, "INSERT INTO client VALUES ('w', 'wang', 'C2')")
        try sync(hub, [wang, li])
        wait()
        try run(wang, "INSERT INTO client VALUES ('new', 'wang', 'C1'); INSERT INTO visit VALUES ('v', 'new')")
        _ = try hub.handOver(from: "wang", to: "li")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try hub.replica.setAside().map(\.key) == [key("v"), key("new")])
        func list() throws -> HandoverChecklist { try hub.checkHandOver(from: "wang", to: "li").checklist }
        #expect(try list().heldAside == 2 && !list().isComplete)
        #expect(try hub.handOver(from: "wang", to: "li").checklist.heldAside == 2)
        try run(li, "UPDATE client SET code = 'C9' WHERE id = 'l'")
        try sync(hub, [li], rounds: 3)
        #expect(try list().heldAside == 0 && list().stillNamed == 1)
        _ = try hub.handOver(from: "wang", to: "li")
        try sync(hub, [wang, li])
        #expect(try list().isComplete && text(li, "SELECT owner FROM client WHERE id = 'new'") == "li")
    }

    @Test func whoseARowIsStaysAQuestionOfTheHandoverAtAHubPutBack_SCO25_SCO32() throws {
        let (hub, wang, li) = try scoped()
        try run(
            wang,
            "INSERT INTO client(id, name, owner) VALUES ('c', 'C', 'wang'), ('d', 'D', 'wang'), ('e', 'E', 'wang')")
        try sync(hub, [wang, li])
        try hub.backUp(to: folder + "/backup")
        _ = try hub.handOver(from: "wang", to: "li")
        try sync(hub, [li, wang])
        let again = try restoreHub(hub, from: "backup")
        try sync(again, [li, wang], rounds: 1)
        try sync(again, [li, wang], rounds: 1)
        _ = try again.handOver(from: "wang", to: "li")
        try sync(again, [wang, li])
        let open = try again.conflicts()
        #expect(open.map(\.columns) == [["owner"], ["owner"], ["owner"]])
        #expect(try again.checkHandOver(from: "wang", to: "li").checklist.conflicts == open.count)
    }

    @Test func whatAnOperatorAcceptsOfARowIsThatOfAllDevices_SCO20() throws {
        let (hub, wang, li) = try scoped()
        try run(hub.replica, "INSERT INTO client(id, name, owner) VALUES ('c', 'C', 'zhao')")
        try sync(hub, [wang, li])
        try force(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c', 'C', 'zhao', '555')")
        try force(li, "INSERT INTO client(id, name, owner, district) VALUES ('c', 'C', 'zhao', 'north')")
        try sync(hub, [wang, li])
        #expect(try hub.outsideChanges().map(\.device) == ["wang", "li"])
        try hub.acceptSetAside(table: "client", key: key("c"))
        #expect(try hub.outsideChanges().isEmpty)
        let asked = try hub.conflicts().flatMap { $0.candidates.flatMap(\.values) }.map(\.display)
        let shown = try text(hub.replica, "SELECT ifnull(phone, '') || ' ' || ifnull(district, '') FROM client")
        let told = (asked + [shown]).joined(separator: " ")
        #expect(told.contains("555") && told.contains("north"), "what both wrote counts: \(told)")
    }
}
