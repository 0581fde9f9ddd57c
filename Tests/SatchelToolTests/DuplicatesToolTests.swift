import Foundation
import Testing

extension Commands {
    /// Duplicates from the shell, on a device and at the hub (CLI-81 to CLI-86).
    @Suite struct DuplicatesToolTests {
        private static let schema = """
            -- satchel: naturalKey client (code)
            -- satchel: similar client (name, phone)
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, code TEXT, phone TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
            """

        private func world() throws -> World {
            let world = try World(schema: Self.schema)
            try world.write("id,name,code,phone\na,恒达公司,91,\"138\"\nb,恒达,９１,\n", "clients.csv")
            try world.satchel("load", world["wang.db"], "client", world["clients.csv"])
            try world.write("id,client_id,note\nv,a,复检\n", "visits.csv")
            try world.satchel("load", world["wang.db"], "visit", world["visits.csv"])
            return world
        }

        private func pass(_ world: World, _ device: String) throws {
            try world.satchel("pack", world["\(device).db"], "-o", world["up"])
            try world.hub("merge", world["hub"], world["up"], "--replies", world["replies"])
            try world.satchel("apply", world["\(device).db"], world["replies/\(device).satchel"])
        }

        private func dump(_ world: World, _ device: String, _ table: String) throws -> String {
            try world.satchel("dump", world["\(device).db"], table).output
        }

        /// CLI-81, CLI-84.
        @Test func duplicatesNamesPairsAndReasonsAndDistinctTakesAPairOff() throws {
            let world = try world()
            let told = try world.satchel("duplicates", world["wang.db"], "--json").json
            let pairs = try #require(told["duplicates"] as? [[String: Any]])
            #expect(pairs.count == 1 && pairs[0]["table"] as? String == "client")
            #expect(pairs[0]["first"] as? [String] == ["a"] && pairs[0]["second"] as? [String] == ["b"])
            let reasons = try #require(pairs[0]["reasons"] as? [[String: Any]])
            #expect(reasons.map { $0["kind"] as? String } == ["natural_key", "similar"])
            #expect(reasons[0]["columns"] as? [String] == ["code"] && reasons[0]["name"] is NSNull)
            #expect(reasons[1]["name"] as? String == "name" && reasons[1]["percent"] as? Int == 100)
            #expect(try world.satchel("duplicates", world["wang.db"]).output.contains("code equal"))
            let said = try world.satchel("distinct", world["wang.db"], "client", "b", "a", "--json").json
            #expect(said["distinct"] as? Bool == true && said["first"] as? [String] == ["b"])
            func count() throws -> Int? {
                let told = try world.satchel("duplicates", world["wang.db"], "--table", "client", "--json").json
                return (told["duplicates"] as? [Any])?.count
            }
            #expect(try count() == 0)
            try world.satchel("distinct", world["wang.db"], "client", "a", "b", "--undo")
            #expect(try count() == 1)
            try world.satchel("duplicates", world["wang.db"], "--table", "nothing", expecting: 2)
            try world.satchel("distinct", world["wang.db"], "client", "a", expecting: 2)
        }

        /// CLI-82, CLI-83, CLI-86.
        @Test func mergeAndUnmergeReachTheOtherDevice() throws {
            let world = try world()
            try pass(world, "wang")
            try pass(world, "li")
            let call = ["merge", world["wang.db"], "client", "a", "b", "--take", "phone", "--take", "name"]
            let merged = try Tool.satchel.run(call + ["--actor", "李娜", "--json"]).json
            #expect(merged["taken"] as? [String] == ["phone", "name"] && merged["into"] as? [String] == ["b"])
            try pass(world, "wang")
            try pass(world, "li")
            #expect(try dump(world, "li", "client") == "id,name,code,phone\nb,恒达公司,９１,138\n")
            #expect(try dump(world, "li", "visit") == "id,client_id,note\nv,b,复检\n")
            let log = try world.satchel("log", world["hub"], "client", "a", "--json").json
            let last = try #require((log["entries"] as? [[String: Any]])?.last)
            #expect(last["act"] as? String == "merge" && last["new"] as? [String] == ["b"])
            #expect(last["columns"] as? [String] == ["id"] && last["actor"] as? String == "李娜")
            try world.satchel("unmerge", world["li.db"], "client", "a")
            try pass(world, "li")
            try pass(world, "wang")
            #expect(try dump(world, "wang", "visit") == "id,client_id,note\nv,a,复检\n")
            for wrong in [["a", "a"], ["a"], ["a", "nothing"], ["a", "b", "--take", "id"]] {
                #expect(try Tool.satchel.run(["merge", world["wang.db"], "client"] + wrong).code == 2)
            }
            try world.satchel("unmerge", world["wang.db"], "client", "a", expecting: 2)
        }

        /// CLI-83, CLI-85, MRG-56.
        @Test func unmergeNamesWhatItGivesBackAndWhatStays() throws {
            let world = try world()
            func merge() throws {
                try world.satchel("merge", world["wang.db"], "client", "a", "b", "--take", "phone", "--take", "name")
            }
            try merge()
            let told = try world.satchel("unmerge", world["wang.db"], "client", "a", "--json").json
            #expect(told["restored"] as? [String] == ["name", "phone"] && (told["left"] as? [Any])?.isEmpty == true)
            let apart = "id,name,code,phone\na,恒达公司,91,138\nb,恒达,９１,\n"
            #expect(try dump(world, "wang", "client") == apart)
            try merge()
            let said = try world.satchel("unmerge", world["wang.db"], "client", "a").output
            #expect(said.contains("; b shows name, phone as before the merge"), "\(said)")
            try merge()
            try pass(world, "wang")
            try pass(world, "li")
            let left = try world.satchel("unmerge", world["li.db"], "client", "a", "--json").json
            #expect((left["restored"] as? [Any])?.isEmpty == true && left["left"] as? [String] == ["name", "phone"])
            #expect(try dump(world, "li", "client") == "id,name,code,phone\na,恒达公司,91,138\nb,恒达公司,９１,138\n")
            try pass(world, "li")
            try world.hub("merge-rows", world["hub"], "client", "b", "a", "--take", "code")
            let atHub = try world.hub("unmerge-rows", world["hub"], "client", "b", "--json").json
            #expect(atHub["restored"] as? [String] == ["code"] && (atHub["left"] as? [Any])?.isEmpty == true)
        }

        /// CLI-82, MRG-53: what cannot be shown as the other's is named.
        @Test func mergeNamesWhatIsNotShownAnyMore() throws {
            let world = try World(
                schema:
                    "CREATE TABLE firm(id TEXT PRIMARY KEY, name TEXT);\n-- satchel: reference contact (firm) cascade\n"
                    + "CREATE TABLE contact(firm TEXT REFERENCES firm(id), no TEXT, name TEXT, PRIMARY KEY (firm, no));"
            )
            try world.write("id,name\na,A\nb,B\n", "firms.csv")
            try world.satchel("load", world["wang.db"], "firm", world["firms.csv"])
            try world.write("firm,no,name\na,1,Wang\nb,1,Li\n", "contacts.csv")
            try world.satchel("load", world["wang.db"], "contact", world["contacts.csv"])
            let said = try world.satchel("merge", world["wang.db"], "firm", "a", "b").output
            #expect(said.contains("set aside until it is unmerged, since their keys name it: contact a,1"), "\(said)")
            try world.satchel("unmerge", world["wang.db"], "firm", "a")
            let told = try world.satchel("merge", world["wang.db"], "firm", "a", "b", "--json").json
            let aside = try #require(told["aside"] as? [[String: Any]])
            #expect(
                aside.count == 1 && aside[0]["table"] as? String == "contact"
                    && aside[0]["key"] as? [String] == ["a", "1"])
            try world.satchel("unmerge", world["wang.db"], "firm", "a")
            #expect(try dump(world, "wang", "contact") == "firm,no,name\na,1,Wang\nb,1,Li\n")
        }

        /// CLI-85, CLI-86.
        @Test func theHubMergesTooAndIsAskedWhereTwoMergedIntoDifferentRows() throws {
            let world = try world()
            try world.write("id,name,code,phone\nc,瑞丰,,\n", "more.csv")
            try world.satchel("load", world["wang.db"], "client", world["more.csv"])
            try pass(world, "wang")
            try pass(world, "li")
            #expect(try world.hub("duplicates", world["hub"], "--json").json["duplicates"] is [Any])
            try world.hub("merge-rows", world["hub"], "client", "a", "b")
            try world.satchel("merge", world["li.db"], "client", "a", "c")
            try pass(world, "li")
            let told = try world.hub("conflicts", world["hub"], "--json").json
            let conflict = try #require((told["conflicts"] as? [[String: Any]])?.first)
            #expect(conflict["kind"] as? String == "mergedApart" && conflict["columns"] as? [String] == ["id"])
            let candidates = try #require(conflict["candidates"] as? [[String: Any]])
            #expect(candidates.map { $0["values"] as? [String] } == [["b"], ["c"]])
            #expect(candidates.map { $0["act"] as? String } == ["merge", "merge"])
            try world.hub("resolve", world["hub"], try #require(conflict["id"] as? String), "--keep", "2")
            try pass(world, "wang")
            #expect(try dump(world, "wang", "visit") == "id,client_id,note\nv,c,复检\n")
            try world.hub("unmerge-rows", world["hub"], "client", "a")
            try world.hub("distinct", world["hub"], "client", "a", "b")
            #expect(try world.hub("duplicates", world["hub"]).output.contains("no two rows"))
        }
    }
}
