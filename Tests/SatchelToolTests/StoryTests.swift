import Foundation
import Testing

extension Commands {
    @Suite struct StoryTests {
        /// A day of two people, as it goes: CLI-10, CLI-17, CLI-18, CLI-20, CLI-32, CLI-37, CLI-39, CLI-40.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here")) func aDayOfTwoPeopleEndsEqualEverywhere() throws
        {
            let world = try World()
            try world.load("wang", "client", "id,name,phone\nc1,恒达,138\nc2,\"瑞丰, A\",\n")
            try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', '复检')")
            try world.exchange()
            for device in ["wang", "li"] {
                let expected = try world.hub("digest", world["hub"], "--for", device).output
                #expect(try world.digest(device + ".db") == expected, "CLI-37: what \(device) must print")
            }
            #expect(try world.satchel("status", world["wang.db"], "--json").json["all_at_hub"] as? Bool == true)

            try world.sql("wang", "UPDATE client SET phone = '111' WHERE id = 'c1'")
            try world.sql("li", "UPDATE client SET phone = '222' WHERE id = 'c1'")
            try world.exchange()
            let id = try conflictID(world)
            let text = try world.satchel("conflicts", world["li.db"]).output
            #expect(text.contains(id) && text.contains("  1 ") && text.contains("111") && text.contains("222"))
            try world.satchel("resolve", world["li.db"], id, "--keep", "2", "--actor", "李强")
            try world.exchange()
            #expect(try world.satchel("dump", world["wang.db"], "client").output.contains("c1,恒达,222"))
            #expect(try world.digest("wang.db") == world.digest("li.db"))
            #expect(try world.digest("wang.db") == world.digest("hub"))

            let log = try world.satchel("log", world["hub"], "client", "c1").output
            for word in ["wang", "li", "李强", "138", "111", "222", "resolved \(id)"] {
                #expect(log.contains(word), "CLI-20: \(word) in \(log)")
            }
            #expect(try world.hub("verify", world["hub"], "--json").json["faults"] as? [String] == [])
        }

        /// CLI-18.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here"))
        func aConflictMayBeDecidedForAnotherValueHereOrAtTheHub() throws {
            let world = try World()
            try world.load("wang", "client", "id,name,visits\nc1,恒达,1\n")
            try world.exchange()
            try world.sql("wang", "UPDATE client SET visits = 2 WHERE id = 'c1'")
            try world.sql("li", "UPDATE client SET visits = 3 WHERE id = 'c1'")
            try world.exchange()
            let id = try conflictID(world)
            try world.satchel("resolve", world["li.db"], id, "--keep", "3", expecting: 2)
            try world.satchel("resolve", world["li.db"], "0000000000", "--keep", "1", expecting: 2)
            try world.satchel("resolve", world["li.db"], id, "--value", "1", "--value", "2", expecting: 2)
            let told = try world.hub("resolve", world["hub"], id, "--value", "-4", "--json").json
            #expect(told["open_conflicts"] as? Int == 0)
            try world.exchange()
            #expect(try world.satchel("dump", world["li.db"], "client").output.contains("c1,恒达,,-4,"))
            #expect(try world.digest("wang.db") == world.digest("hub"))
        }

        private func conflictID(_ world: World) throws -> String {
            let told = try world.satchel("conflicts", world["li.db"], "--json").json
            let conflicts = try #require(told["conflicts"] as? [[String: Any]])
            #expect(conflicts.count == 1)
            let atHub = try world.hub("conflicts", world["hub"], "--json").output
            let id = try #require(conflicts.first?["id"] as? String)
            #expect(atHub.contains(id), "CLI-17: an id is the same everywhere")
            return id
        }

        /// CLI-15, CLI-35.
        @Test func aFolderIsEnough() throws {
            let world = try World()
            try FileManager.default.createDirectory(atPath: world["stick"], withIntermediateDirectories: true)
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            for _ in 0..<2 {
                for device in ["wang", "li"] {
                    try world.satchel("sync", world[device + ".db"], "--folder", world["stick"])
                }
                try world.hub("sync", world["hub"], "--folder", world["stick"])
            }
            for device in ["wang", "li"] {
                try world.satchel("sync", world[device + ".db"], "--folder", world["stick"])
            }
            #expect(try world.digest("wang.db") == world.digest("hub"))
            #expect(try world.digest("li.db") == world.digest("hub"))
            let quiet = try world.satchel("sync", world["nowhere.db"], "--folder", world["stick"], expecting: 2)
            #expect(quiet.output.isEmpty, "CLI-3: a call that failed as a whole answers nothing")
            try world.satchel("sync", world["wang.db"], "--folder", world["no-stick"], expecting: 1)
        }

        /// CLI-12.
        @Test func twoDevicesMeetWithoutTheHub() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("have", world["li.db"], "-o", world["li.have"])
            try world.satchel("pack", world["wang.db"], "--have", world["li.have"], "-o", world["side"])
            #expect(try world.satchel("inspect", world["side"], "--json").json["kind"] as? String == "sideways")
            try world.satchel("apply", world["li.db"], world["side"])
            #expect(try world.digest("wang.db") == world.digest("li.db"))
            let again = try world.satchel("apply", world["li.db"], world["side"], "--json").json
            let fates = try #require(again["bundles"] as? [[String: Any]])
            #expect(fates[0]["outcome"] as? String == "already_had", "CLI-2: had already is code 0")
            try world.satchel("apply", world["li.db"], world["li.have"], expecting: 4)
        }

        /// CLI-32.
        @Test func allRepliesToWhoeverLacksSomething() throws {
            let world = try World()
            try world.exchange()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            let one = try world.hub("merge", world["hub"], world["up"], "--replies", world["one"], "--json").json
            #expect((one["replies"] as? [[String: Any]])?.map { $0["device"] as? String } == ["wang"])
            let all = try world.hub("merge", world["hub"], world["up"], "--replies", world["all"], "--all", "--json")
                .json
            #expect((all["replies"] as? [[String: Any]])?.map { $0["device"] as? String } == ["li", "wang"])
            try world.satchel("apply", world["li.db"], world["all/li.satchel"])
            try world.hub("pack", world["hub"], "--for", "li", "-o", world["again"])
            try world.satchel("apply", world["li.db"], world["again"])
            #expect(try world.digest("li.db") == world.digest("hub"))
            try world.hub("pack", world["hub"], "--for", "nobody", "-o", world["x"], expecting: 2)
            try world.load("li", "client", "id,name\nc2,瑞丰\n")
            try world.satchel("pack", world["li.db"], "-o", world["up"])
            let told = try world.hub(
                "merge", world["hub"], world["up"], "--replies", world["up"], "--json", expecting: 1
            ).json
            #expect(
                (told["bundles"] as? [[String: Any]])?.first?["outcome"] as? String == "applied", "the merge stands")
        }
    }
}
