import Foundation
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// People are shown what the columns of a unit hold, and of a record what was decided.
@Suite final class ShownValuesTests: ReviewedWorld {
    private static let schema = """
        -- satchel: policy client.n counter
        -- satchel: policy client.tags set
        -- satchel: policy client.memo text
        CREATE TABLE client(
          id TEXT PRIMARY KEY, phone TEXT, n INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]', memo TEXT);
        """

    @Test func noStateOfAPolicyIsShownAsAValue_INB2_INB3_INB8_MRG30() throws {
        let (hub, all) = try world(Self.schema, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('c', '0', 1, '[]', 'one two')")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET memo = 'one two three'")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET phone = 'a', n = n + 1, tags = '[\"x\"]', memo = 'one A three'")
        try run(all[1], "UPDATE client SET phone = 'b', n = n + 1, memo = 'one B three'")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            let open = try replica.conflicts()
            #expect(Set(open.map(\.unit)) == ["phone", "memo"])
            for conflict in open {
                #expect(conflict.base == [.text(conflict.unit == "memo" ? "one two three" : "0")])
                #expect(!conflict.neighbours.isEmpty)
                for one in conflict.neighbours { #expect(one.values.count == one.columns.count, "\(one)") }
            }
            let units = open.flatMap(\.neighbours).map(\.unit)
            #expect(["n", "tags", "memo"].allSatisfy(units.contains), "\(units)")
        }
        let memo = try #require(try all[0].conflicts().first { $0.unit == "memo" })
        try all[0].resolve(memo, keep: 1)
        let decision = try #require(try all[0].decisions().first)
        #expect(decision.values == [.text("one A three")] && decision.act == nil)
    }

    @Test func aDecisionOfARecordSaysWhetherItWasKept_INB8() throws {
        let (hub, one, two) = try pair()
        try run(one, "DELETE FROM client WHERE id <> 'a'")
        try run(two, "UPDATE client SET phone = '9' WHERE id <> 'a'")
        try sync(hub, [one, two])
        for conflict in try one.conflicts() { try one.resolve(conflict, keep: conflict.key == key("b") ? 1 : 2) }
        try sync(hub, [one, two])
        for replica in [one, hub.replica] {
            let told = try replica.decisions().map { "\($0.key.display) \($0.act ?? "-") \($0.values.count)" }.sorted()
            #expect(told == ["b keep 0", "d delete 0"], "\(told)")
        }
    }
}
