import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// Sets that would remember more of their changes than a value may hold (CAP-13).
@Suite final class OutgrownSetsTests: ReviewedWorld {
    private static let schema = """
        -- satchel: policy t.tags set
        CREATE TABLE t(id TEXT PRIMARY KEY, tags TEXT NOT NULL DEFAULT '[]', v TEXT);
        """

    /// A set of so many elements of a million bytes, which begin with a letter.
    private func set(_ letter: String, _ count: Int, _ more: String...) -> String {
        let elements = (0..<count).map { letter + String(repeating: "x", count: 1_000_000) + "\($0)" } + more
        return "[" + elements.map { "\"\($0)\"" }.joined(separator: ",") + "]"
    }

    /// The first letters of the elements, each once.
    private func letters(_ replica: Replica, _ id: String = "big") throws -> String {
        try text(
            replica,
            "SELECT DISTINCT substr(value, 1, 1) FROM t, json_each(tags) WHERE t.id = '\(id)' ORDER BY 1")
    }

    private func write(_ set: String, _ replica: Replica, seal: Bool = true) throws {
        try replica.write { try $0.execute(sql: "UPDATE t SET tags = ? WHERE id = 'big'", arguments: [set]) }
        if seal { try replica.seal() }
    }

    private func world() throws -> (Hub, [Replica]) {
        let (hub, all) = try world(Self.schema, "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('big', '[]', '1'), ('x', '[]', '1')")
        try sync(hub, all)
        return (hub, all)
    }

    private func remembers(_ replica: Replica) throws -> Bool {
        try replica.withEngine { engine in
            try engine.transaction {
                let layout = try #require(engine.store.layouts.first(where: { $0.schema.name == "t" }))
                let unit = try #require(layout.schema.units.firstIndex(where: { $0.name == "tags" }))
                let row = try engine.store.load(table: layout.id, key: key("big"))
                return row.state[layout.unitIDs[unit]].contains { $0.values.count > 1 }
            }
        }
    }

    @Test func aSetWhoseElementsAreAllReplacedGoesOn_CAP13() throws {
        let (hub, all) = try world()
        try write(set("a", 9), all[0])
        try sync(hub, all)
        #expect(try remembers(all[0]) && letters(all[1]) == "a")
        try write(set("b", 9), all[0], seal: false)
        try run(all[0], "UPDATE t SET v = '2' WHERE id = 'x'")
        #expect(try !remembers(all[0]), "both together had 18 MB")
        try sync(hub, all)
        for replica in all {
            #expect(try letters(replica) == "b" && text(replica, "SELECT v FROM t WHERE id = 'x'") == "2")
        }
        try expectEqual(hub, all)
        try write(#"["c"]"#, all[1])
        try sync(hub, all)
        for replica in all { #expect(try letters(replica) == "c") }
        try expectEqual(hub, all)
    }

    /// Who added an element and knew nothing of it loses it not; what they still had is in again.
    @Test func whatOthersPutInAtOnceStays_CAP13_MRG32() throws {
        let (hub, all) = try world()
        for letter in ["a", "b"] {
            try write(set(letter, 6), all[0])
            try sync(hub, all)
        }
        try write(set("c", 6), all[0])
        try write(set("b", 6, "new"), all[1])
        #expect(try !remembers(all[0]) && remembers(all[1]))
        try sync(hub, all)
        for replica in all + [hub.replica] {
            let candidates = try #require(try replica.conflicts().first).candidates.map { $0.values[0].display.count }
            #expect(candidates.count == 2, "nobody can say whether b was taken out by who had not seen n (MRG-32)")
        }
        try expectEqual(hub, all)
    }

    @Test func twoSetsThatComeTogetherAreNamedAndToMakeThemSmallerHelps_CAP13_CLI16() throws {
        let (hub, all) = try world()
        try write(set("a", 9), all[0])
        try write(set("b", 9), all[1])
        try sync(hub, all)
        #expect(try letters(all[0]) == "a b")
        let failure = #expect(throws: StoreError.self) { try self.run(all[0], "UPDATE t SET v = '2'") }
        #expect(failure?.message.contains("row big can: a value of column tags in table t has 18") == true)
        #expect(try all[0].status().tooLarge.map(\.column) == ["tags"])
        try write(#"["a"]"#, all[0])
        #expect(try all[0].status().tooLarge.isEmpty)
        try sync(hub, all)
        for replica in all { #expect(try letters(replica) == "a" && text(replica, "SELECT v FROM t") == "2 2") }
        try expectEqual(hub, all)
    }

    /// What is counted on merged rows is theirs still (MRG-54): there the old value helps.
    @Test func inAMergedRowItStopsAndIsNamed_CAP13_CLI16() throws {
        let (hub, all) = try world()
        try all[0].merge(key("x"), into: key("big"), in: "t")
        try write(set("a", 9), all[0])
        try run(all[0], "UPDATE t SET v = '3'")
        try sync(hub, all)
        let before = try text(all[0], "SELECT tags FROM t")
        let failure = #expect(throws: StoreError.self) { try self.write(self.set("b", 9), all[0]) }
        #expect(failure?.message.contains("row big can: what column tags in table t remembers") == true)
        #expect(failure?.hint?.contains("back to what it was") == true)
        let listed = try all[0].status().tooLarge
        #expect(listed.map(\.column) == ["tags"] && listed.first?.key == key("big"))
        try write(before, all[0])
        #expect(try all[0].status().tooLarge.isEmpty)
        try sync(hub, all)
        try expectEqual(hub, all)
    }
}
