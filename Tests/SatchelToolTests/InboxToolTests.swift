import Foundation
import Satchel
import Testing

extension Commands {
    /// The inbox by commands: a form that is open over a merge, a decision that is taken back, an overwrite.
    @Suite struct InboxToolTests {

        private func exchange(_ world: World, _ devices: String...) throws {
            for device in devices {
                try world.satchel("pack", world[device + ".db"], "-o", world["up"])
                try world.hub("merge", world["hub"], world["up"], "--replies", world["replies"])
                try world.satchel("apply", world[device + ".db"], world["replies/\(device).satchel"])
            }
        }

        private func setUp() throws -> World {
            let world = try World()
            try world.load("wang", "client", "id,name,phone\nc1,恒达,100\n")
            try exchange(world, "wang", "li", "wang")
            return world
        }

        /// CLI-77, CLI-78.
        @Test func aFormThatWasOpenOverAMergeAsks() throws {
            let world = try setUp()
            let (wang, view) = (world["wang.db"], world["view"])
            // CLI-77: the replica's own file would be gone.
            let over = try world.satchel("view", wang, "client", "c1", "-o", wang, expecting: 2)
            #expect(try over.error.contains("is there already") && world.satchel("status", wang).code == 0)
            let shown = try world.satchel("view", wang, "client", "c1", "-o", view)
            #expect(shown.output.contains("phone: 100"))
            try world.load("li", "client", "id,phone\nc1,222\n")
            try exchange(world, "li", "wang")
            let answer = try world.satchel(
                "edit", wang, "--based-on", view, "--set", "phone=111", "--actor", "王", "--json"
            ).json
            #expect(answer["outcome"] as? String == "conflicts" && (answer["conflicts"] as? [Any])?.count == 1)
            try exchange(world, "wang", "li", "wang")
            let listed = try world.satchel("conflicts", wang).output
            #expect(listed.contains("111") && listed.contains("222") && listed.contains("before: 100"))
            let same = try world.satchel("edit", wang, "--based-on", view, "--set", "phone=111", "--json").json
            #expect(same["outcome"] as? String == "unchanged")
            let back = try world.satchel("edit", wang, "--based-on", view, "--set", "phone=100", "--json").json
            #expect(back["outcome"] as? String == "conflicts" && (back["conflicts"] as? [Any])?.count == 1)
            // What cannot be meant is usage, and changes nothing.
            try world.satchel("edit", wang, "--based-on", view, expecting: 2)
            try world.satchel("edit", wang, "--based-on", view, "--set", "nothing=1", expecting: 2)
            try world.satchel("edit", wang, "--based-on", world["up"], "--set", "phone=1", expecting: 2)
            try world.satchel("view", wang, "client", "nobody", "-o", view, expecting: 2)
        }

        /// CLI-78, CLI-79, INB-10: a file is one form, however often it is saved.
        @Test func aFormThatIsSavedAgainReplacesItsOwn() throws {
            let world = try setUp()
            let view = world["view"]
            func outcome(_ told: Tool.Outcome) throws -> String? { try told.json["outcome"] as? String }
            func save(_ set: String) throws -> String? {
                try outcome(world.satchel("edit", world["wang.db"], "--based-on", view, "--set", set, "--json"))
            }
            try world.satchel("view", world["wang.db"], "client", "c1", "-o", view)
            #expect(try save("phone=111") == "written" && save("phone=111") == "unchanged")
            try exchange(world, "wang", "li", "wang")
            #expect(try save("phone=112") == "written")
            #expect(try save("name=恒达公司") == "written")
            #expect(try world.satchel("dump", world["wang.db"], "client").output.contains("c1,恒达公司,112"))
            #expect(try save("phone=100") == "written" && save("phone=100") == "unchanged")
            try exchange(world, "wang", "li", "wang")
            for device in ["wang.db", "li.db"] {
                #expect(try world.satchel("dump", world[device], "client").output.contains("c1,恒达公司,100"))
                let open = try world.satchel("conflicts", world[device], "--json").json["conflicts"] as? [Any]
                #expect(open?.isEmpty == true)
            }
            let hub = world["hub"]
            try world.hub("view", hub, "client", "c1", "-o", view)
            for phone in ["300", "301", "100"] {
                let told = try world.hub("edit", hub, "--based-on", view, "--set", "phone=\(phone)", "--json")
                #expect(try outcome(told) == "written")
            }
        }

        /// CLI-78, INB-9: the form was open while `phone` became `mobile`.
        @Test func aFormOfAnOlderSchemaIsSavedByEitherName() throws {
            let table = "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, "
            let world = try World(schema: "-- satchel: version 1\n\(table)phone TEXT, fax TEXT);")
            try world.load("wang", "client", "id,name,phone\nc1,恒达,100\nc2,瑞丰,200\n")
            let wang = world["wang.db"]
            for id in ["c1", "c2"] { try world.satchel("view", wang, "client", id, "-o", world[id]) }
            try world.write(
                "-- satchel: version 2\n-- satchel: renamed client.mobile from phone\n"
                    + "-- satchel: dropped client.fax\n\(table)mobile TEXT);", "new.sql")
            try world.satchel("migrate", wang, world["new.sql"])
            try world.satchel("edit", wang, "--based-on", world["c1"], "--set", "mobile=111")
            try world.satchel("edit", wang, "--based-on", world["c2"], "--set", "phone=222")
            let dump = try world.satchel("dump", wang, "client").output
            #expect(dump == "id,name,mobile\nc1,恒达,111\nc2,瑞丰,222\n")
            for name in ["fax", "tier"] {
                try world.satchel("edit", wang, "--based-on", world["c1"], "--set", "\(name)=1", expecting: 2)
            }
        }

        /// CLI-73, CLI-74, CLI-79: at the hub as on a device.
        @Test func aDecisionOfTheHubIsTakenBackThere() throws {
            let world = try setUp()
            let hub = world["hub"]
            try world.load("wang", "client", "id,phone\nc1,111\n")
            try world.load("li", "client", "id,phone\nc1,222\n")
            try exchange(world, "wang", "li", "wang")
            let conflicts = try world.hub("conflicts", hub, "--json").json["conflicts"] as? [[String: Any]]
            let id = try #require(conflicts?.first?["id"] as? String)
            try world.hub("assign", hub, id, "--to", "李")
            #expect(try world.hub("conflicts", hub).output.contains("for 李"))
            try world.hub("resolve", hub, id, "--keep", "1")
            #expect(try world.hub("decisions", hub).output.contains(id))
            #expect(try world.hub("undo-decision", hub, id).output.contains("open again"))
            try exchange(world, "wang", "li")
            #expect(try world.satchel("conflicts", world["li.db"]).output.contains(id))
            let record = try world.hub("status", hub, "client", "c1", "--json").json
            #expect(record["level"] as? String != "local_only" && record["conflicts"] as? [String] == [id])
        }

        /// CLI-74.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here"), arguments: [("1", "keep"), ("2", "delete")])
        func aDecisionOfARecordSaysWhatItWas(_ number: String, _ act: String) throws {
            let world = try setUp()
            try world.sql("wang", "DELETE FROM client")
            try world.load("li", "client", "id,phone\nc1,222\n")
            try exchange(world, "wang", "li", "wang")
            let open = try world.satchel("conflicts", world["wang.db"], "--json").json["conflicts"] as? [[String: Any]]
            let id = try #require(open?.first?["id"] as? String)
            try world.satchel("resolve", world["wang.db"], id, "--keep", number)
            let told = try world.satchel("decisions", world["wang.db"], "--json").json["decisions"] as? [[String: Any]]
            #expect(told?.count == 1 && told?.first?["act"] as? String == act)
            #expect(try world.satchel("decisions", world["wang.db"]).output.contains("client of c1: \(act)  — wang"))
        }

        /// Three years behind.
        private struct SlowClock: WallClock {
            func now() -> Timestamp { Timestamp(milliseconds: SystemClock().now().milliseconds - 94_608_000_000) }
        }

        /// INB-1, CLI-71.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here"))
        func aClockThatWentWrongAfterTheLastContactIsTold() throws {
            let world = try setUp()
            try world.sql("li", "UPDATE client SET phone = '222'")
            let li = try Replica.open(at: world["li.db"], clock: SlowClock())
            try li.seal()
            try li.close()
            try world.load("wang", "client", "id,phone\nc1,111\n")
            try exchange(world, "li", "wang")
            let lines = try world.satchel("conflicts", world["wang.db"]).output.split(separator: "\n")
            let told = lines.filter { $0.contains("its clock said ") }
            #expect(told.count == 1 && told.first?.contains("222  — li ") == true, "\(lines)")
        }

        /// CLI-75.
        @Test func anOverwriteIsListedAndTakenBack() throws {
            let world = try setUp()
            try world.load("li", "client", "id,phone\nc1,222\n")
            try exchange(world, "li", "wang")
            try world.load("wang", "client", "id,phone\nc1,111\n")
            let unseen = try world.satchel("unseen", world["wang.db"], "--json").json["unseen"] as? [[String: Any]]
            let id = try #require(unseen?.first?["id"] as? String)
            #expect(try world.satchel("unseen", world["wang.db"], "--take-back", id).output.contains("nothing"))
            #expect(try world.satchel("dump", world["wang.db"], "client").output.contains("222"))
        }

        /// CLI-72: a dot may be in a name.
        @Test func aTableOrColumnWithADotInItsNameIsReached() throws {
            let world = try World(
                schema: #"""
                    CREATE TABLE a(id TEXT PRIMARY KEY, b TEXT, "c.d" TEXT, "q""" TEXT);
                    CREATE TABLE "a.b"(id TEXT PRIMARY KEY, c TEXT, d TEXT);
                    CREATE TABLE "e.f"(id TEXT PRIMARY KEY, g TEXT);
                    """#)
            let (wang, tables) = (world["wang.db"], ["a": "b,c.d,\"q\"\"\"", "a.b": "c,d", "e.f": "g"])
            for turn in [["wang"], ["wang", "li"]] {
                for device in turn {
                    for (table, columns) in tables {
                        let values = columns.split(separator: ",").map { _ in "\(device) \(turn.count)" }
                        try world.load(device, table, "id,\(columns)\nx,\(values.joined(separator: ","))\n")
                    }
                }
                try exchange(world, "wang", "li", "wang")
            }
            func open() throws -> [String] {
                let told = try world.satchel("conflicts", wang, "--json").json["conflicts"] as? [[String: Any]]
                return (told ?? []).map { "\($0["table"] ?? "")/\($0["unit"] ?? "")" }.sorted()
            }
            #expect(try open() == ["a.b/c", "a.b/d", "a/b", "a/c.d", "a/q\"", "e.f/g"])
            func decide(_ filter: String, expecting code: Int32 = 0) throws -> String {
                try world.satchel("resolve", wang, "--all", filter, "--rule", "newer", expecting: code).error
            }
            let said = try decide("a.b", expecting: 2)
            #expect(said.contains("“a.b” may be the table a.b, or the unit b of the table a"), "\(said)")
            #expect(said.contains("try: put the names in double quotes: \"a.b\" or \"a\".\"b\""), "\(said)")
            #expect(try decide("a.b.x", expecting: 2).contains("a.b has no unit x"))
            #expect(try decide("a.", expecting: 2).contains("a has no unit "), "no slip decides a whole table")
            #expect(try decide("nope.x", expecting: 2).contains("there is no synced table nope"))
            #expect(try decide("\"a.b", expecting: 2).contains("there is no synced table"))
            #expect(try open().count == 6)
            _ = try decide("a.b.c")
            #expect(try open() == ["a.b/d", "a/b", "a/c.d", "a/q\"", "e.f/g"])
            _ = try decide("a.c.d")
            _ = try decide("\"a\".b")
            #expect(try open() == ["a.b/d", "a/q\"", "e.f/g"])
            _ = try decide("\"a.b\"")
            _ = try decide("e.f")
            #expect(try open() == ["a/q\""])
            _ = try decide("a.\"q\"\"\"")
            #expect(try open() == [])
        }
    }
}
