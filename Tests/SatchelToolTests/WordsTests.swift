import Foundation
import Testing

extension Commands {
    /// What people are told where a call goes wrong or has much to say.
    @Suite struct WordsTests {
        /// CLI-3.
        @Test func aFileThatIsNotThereIsNamed() throws {
            let world = try World(devices: ["wang"])
            let missing = world["nowhere.have"]
            let calls = [
                ["pack", world["wang.db"], "--have", missing, "-o", world["x"]], ["apply", world["wang.db"], missing],
                ["inspect", missing],
            ]
            for call in calls {
                let outcome = try Tool.satchel.run(call)
                #expect(outcome.code == 1 && outcome.error.contains(missing), "\(call[0]): \(outcome.error)")
                #expect(outcome.error.contains("No such file"), "\(call[0]): \(outcome.error)")
            }
        }

        /// CLI-3, IDN-6.
        @Test func aBundleForAnotherSaysForWhomAndWhatToDo() throws {
            let world = try World()
            try world.load("li", "client", "id,name\nc1,恒达\n")
            try world.satchel("have", world["wang.db"], "-o", world["have"])
            try world.satchel("pack", world["li.db"], "--have", world["have"], "-o", world["side"])
            try world.satchel("apply", world["wang.db"], world["side"])
            try world.exchange()
            let reply = world["replies/li.satchel"]
            let atDevice = try world.satchel("apply", world["wang.db"], reply, expecting: 4).error
            #expect(atDevice.contains("This bundle is for li, and this is wang."), "\(atDevice)")
            #expect(atDevice.contains("take it to li; for wang, the hub writes one with `pack --for wang`"))
            let atHub = try world.hub("merge", world["hub"], reply, expecting: 4).error
            #expect(atHub.contains("This bundle is for li, and this is hub.") && atHub.contains("take it to li"))
            // Nothing of chen has come to wang.
            try world.hub("enrol", world["hub"], "--name", "chen", "-o", world["chen.enrolment"])
            try world.hub("pack", world["hub"], "--for", "chen", "-o", world["down"])
            let unknown = try world.satchel("apply", world["wang.db"], world["down"], expecting: 4).error
            #expect(unknown.contains("for another device, which is not known here"), "\(unknown)")
            for told in [atDevice, atHub, unknown] { #expect(!told.contains("copy it again")) }
            let stranger = try World(devices: ["wang"])
            try stranger.satchel("pack", stranger["wang.db"], "-o", world["stranger"])
            let other = try world.satchel("apply", world["wang.db"], world["stranger"], expecting: 4).error
            #expect(other.contains("belongs to another data set") && !other.contains("copy it again"), "\(other)")
            // What is damaged may be copied again.
            try world.write(world.bytes("replies/wang.satchel").dropLast(), "cut")
            #expect(
                try world.satchel("apply", world["wang.db"], world["cut"], expecting: 4).error.contains("copy it again")
            )
        }

        /// CLI-21, SCH-29.
        @Test func whatPeopleSaidOfTheDataIsNoTableOfABundle() throws {
            let world = try World(devices: ["wang"])
            try world.load("wang", "client", "id,name\nc1,恒达\nc2,恒大\n")
            try world.satchel("distinct", world["wang.db"], "client", "c1", "c2")
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            try world.hub("merge", world["hub"], world["up"])
            try world.hub("enrol", world["hub"], "--name", "chen", "-o", world["chen.enrolment"])
            try world.hub("pack", world["hub"], "--for", "chen", "-o", world["down"])
            for bundle in ["up", "down"] {
                let told = try world.satchel("inspect", world[bundle], "--json").json
                #expect((told["tables"] as? [[String: Any]])?.map { $0["table"] as? String } == ["client"], "\(bundle)")
                #expect(try !world.satchel("inspect", world[bundle]).output.contains("satchel_"))
            }
        }

        /// CLI-43, CLI-46.
        @Test func aTableThatIsNotThereIsNoEmptyBin() throws {
            let world = try World(devices: ["wang"])
            for told in [
                try world.satchel("bin", world["wang.db"], "--table", "nope", expecting: 2),
                try world.hub("bin", world["hub"], "--table", "nope", expecting: 2),
            ] {
                #expect(told.error.contains("there is no synced table nope"))
                #expect(told.error.contains("one of card, client, visit"), "\(told.error)")
            }
        }

        /// CLI-17, CLI-40.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here")) func conflictsAreListedInPages() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,a\nc2,b\nc3,c\n")
            try world.exchange()
            for device in ["wang", "li"] { try world.sql(device, "UPDATE client SET phone = '\(device)' || id") }
            try world.exchange()
            func page(_ arguments: String...) throws -> (ids: [String], more: Int?) {
                let places = [(Tool.satchel, world["wang.db"]), (Tool.hub, world["hub"])]
                let told = try places.map { try $0.0.run(["conflicts", $0.1, "--json"] + arguments).json }
                let ids = told.map { ($0["conflicts"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String } }
                #expect(ids[0] == ids[1], "alike at the hub")
                return (ids[0], told[0]["more"] as? Int)
            }
            let all = try page()
            #expect(all.ids.count == 3 && all.ids == all.ids.sorted() && all.more == 0)
            let first = try page("--limit", "2")
            #expect(first.ids == Array(all.ids.prefix(2)) && first.more == 1)
            let second = try page("--limit", "2", "--after", all.ids[1])
            #expect(second.ids == [all.ids[2]] && second.more == 0)
            #expect(try page("--after", all.ids[0]).ids == Array(all.ids.suffix(2)))
            #expect(try page("--after", all.ids[2]).ids.isEmpty)
            let text = try world.satchel("conflicts", world["wang.db"], "--limit", "1").output
            #expect(text.contains("2 more conflicts: go on with --after \(all.ids[0])"), "\(text)")
            try world.satchel("conflicts", world["wang.db"], "--limit", "0", expecting: 2)
            try world.hub("conflicts", world["hub"], "--after", "c1", expecting: 2)
        }

        /// CLI-31.
        @Test func aNameThatStandsTwiceInAListIsNamedWithItsLines() throws {
            let world = try World(devices: [])
            try world.write("name,display_name\nchen,陈\n\nwu,\"吴\n吴\"\nchen,程\n", "names.csv")
            let told = try world.hub(
                "enrol", world["hub"], "--from", world["names.csv"], "-o", world["out/in"], expecting: 2)
            #expect(
                told.error.contains(
                    "line 6 of \(world["names.csv"]) names “chen” once more, which line 2 does already"),
                "\(told.error)")
            #expect(told.error.contains("nobody was enrolled"))
            #expect(!FileManager.default.fileExists(atPath: world["out"]))
            #expect(try (world.hub("devices", world["hub"], "--json").json["devices"] as? [Any])?.isEmpty == true)
            // Nor is a folder left of a list of which another line is wrong.
            try world.write("name\nchen\nWu\n", "names.csv")
            try world.hub("enrol", world["hub"], "--from", world["names.csv"], "-o", world["out/in"], expecting: 2)
            #expect(!FileManager.default.fileExists(atPath: world["out"]))
        }
    }
}
