import Foundation
import Testing

extension Commands {
    @Suite struct AcceptToolTests {
        /// CLI-87, CLI-88, CLI-89.
        @Test func bundlesAreAcceptedListedAndMerged() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.load("li", "client", "id,name\nc2,瑞丰\n")
            for device in ["wang", "li"] { try world.satchel("pack", world[device + ".db"], "-o", world[device]) }
            let told = try world.hub("accept", world["hub"], world["wang"], world["li"], "--json").json
            let bundles = try #require(told["bundles"] as? [[String: Any]])
            #expect(bundles.map { $0["outcome"] as? String } == ["accepted", "accepted"])
            let receipts = try bundles.map { try #require($0["receipt"] as? [String: Any]) }
            #expect(receipts.map { $0["device"] as? String } == ["wang", "li"])
            #expect((receipts[0]["digest"] as? String)?.count == 64 && (receipts[0]["bundle"] as? String)?.count == 32)
            let again = try world.hub("accept", world["hub"], world["wang"], "--json").json
            let same = (again["bundles"] as? [[String: Any]])?.first?["receipt"] as? [String: Any]
            #expect(same?["accepted_ms"] as? Int == receipts[0]["accepted_ms"] as? Int)

            let listed = try world.hub("accepted", world["hub"], "--json").json
            let waiting = try #require(listed["bundles"] as? [[String: Any]])
            #expect(waiting.count == 2 && waiting.allSatisfy { $0["reason"] is NSNull })
            #expect(listed["bytes"] as? Int == receipts.compactMap { $0["bytes"] as? Int }.reduce(0, +))

            let first = try world.hub("merge", world["hub"], "--accepted", "--limit", "1", "--json").json
            let fates = try #require(first["bundles"] as? [[String: Any]])
            #expect(fates.map { $0["file"] as? String } == [receipts[0]["bundle"] as? String])
            #expect(try world.hub("merge", world["hub"], "--accepted").output.contains("applied"))
            #expect(try world.hub("accepted", world["hub"]).output.isEmpty)
        }

        /// CLI-87, CLI-88.
        @Test func whatIsRefusedIsSaid() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("pack", world["wang.db"], "-o", world["wang"])
            try world.write(world.bytes("wang").dropLast(), "cut")
            let told = try world.hub(
                "accept", world["hub"], world["cut"], world["wang"], world["missing"], "--json", expecting: 4
            ).json
            let bundles = try #require(told["bundles"] as? [[String: Any]])
            #expect(bundles.map { $0["outcome"] as? String } == ["refused", "accepted", "failed"])
            #expect(bundles.map { $0["receipt"] is NSNull } == [true, false, true])
            for call in [["merge", world["hub"]], ["merge", world["hub"], world["wang"], "--accepted"]] {
                #expect(try Tool.hub.run(call).code == 2)
            }
            try world.hub("accepted", world["hub"], "--drop", "00", expecting: 2)
        }
    }
}
