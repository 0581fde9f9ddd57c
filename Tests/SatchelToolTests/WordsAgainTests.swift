import Foundation
import Testing

extension Commands {
    /// What people read on standard output: of what was merged, deleted or looks alike, and when it cannot be written.
    @Suite(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here")) struct WordsAgainTests {
        private func world() throws -> World {
            let world = try World()
            try world.load("wang", "client", "id,name,phone\na,Hengda,1\nb,Hengda Co,2\n")
            try world.exchange()
            return world
        }

        /// CLI-43, MRG-53.
        @Test func theBinNamesTheRowThatIsLeftOfAMerge() throws {
            let world = try world()
            let path = world["wang.db"]
            try world.satchel("load", path, "client", "-", input: "id,name\nc,C\n")
            try world.satchel("merge", path, "client", "a", "b", "--actor", "Li")
            try world.sql("wang", "DELETE FROM client WHERE id = 'c'")
            let rows = try #require(try world.satchel("bin", path, "--json").json["rows"] as? [[String: Any]])
            let into = Dictionary(
                uniqueKeysWithValues: rows.map { (($0["key"] as? [String])?.first ?? "", $0["into"]) })
            #expect(into["a"] as? [String] == ["b"] && into["c"] as? NSNull != nil, "\(into)")
            let text = try world.satchel("bin", path).output
            #expect(text.contains("client a, merged into b: a, Hengda, 1") && text.contains("client c: "), "\(text)")
            #expect(text.components(separatedBy: "  deleted ").count == 2 && text.contains("  by "), "\(text)")
            let said = try world.satchel("unmerge", path, "client", "b", expecting: 2).error
            #expect(said.contains("`bin` lists it with the row that is left"), "\(said)")
            #expect(try world.satchel("log", path, "client", "a").output.contains("merge into b  (merged)"))
        }

        /// CLI-49, ERA-1.
        @Test func anErasureOfAColumnSaysWhatIsMergedWithTheRecord() throws {
            let world = try world()
            try world.satchel("merge", world["wang.db"], "client", "a", "b")
            try world.exchange()
            let text = try world.hub("erase", world["hub"], "client", "a", "--column", "phone").output
            #expect(text.contains("client: 2 rows\namong them 1 row merged with the record"), "\(text)")
        }

        /// CAP-13, CLI-3, CLI-15, CLI-16, CLI-26.
        @Test func whatIsTooLargeIsNamedByItsRowAndColumn() throws {
            let world = try world()
            let (path, stick) = (world["wang.db"], world["stick"])
            try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
            try world.sql("wang", "INSERT INTO client(id, name, photo) VALUES ('big', 'B', zeroblob(17000000))")
            for call in [["sync", path, "--folder", stick], ["status", path], ["doctor", path]] {
                let outcome = try Tool.satchel.run(call)
                let words = "row big is not synced: a value of column photo in table client has 17000000 bytes"
                #expect(outcome.code == 0 && outcome.output.contains(words), "\(call): \(outcome.output)")
            }
            let rows = try world.satchel("status", path, "--json").json["too_large"] as? [[String: Any]]
            #expect(rows?.count == 1 && rows?.first?["column"] as? String == "photo")
            #expect(rows?.first?["key"] as? [String] == ["big"] && rows?.first?["table"] as? String == "client")
            try world.sql("wang", "DELETE FROM client WHERE id = 'big'; UPDATE client SET photo = zeroblob(17000000)")
            for call in ["conflicts", "doctor", "bin"] {
                let said = try world.satchel(call, path, expecting: 1).error
                #expect(said.contains("row a can: a value of column photo in table client has"), "\(said)")
                #expect(said.contains("try: make the value of column photo in row a of table client small"), "\(said)")
            }
        }

        /// CLI-20: in words too each record begins with its insert.
        @Test func aHistoryInWordsBeginsWithTheInsert() throws {
            let schema =
                "CREATE TABLE link(a TEXT, b TEXT, PRIMARY KEY (a, b)); CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);"
            let world = try World(schema: schema, devices: ["wang"])
            try world.load("wang", "link", "a,b\np,q\n")
            try world.load("wang", "t", "id,v\nx,\n")
            for record in [["link", "p", "q"], ["t", "x"]] {
                let text = try Tool.satchel.run(["log", world["wang.db"]] + record).output
                #expect(text.components(separatedBy: "  insert\n").count == 2, "\(text)")
            }
        }

        /// CLI-76.
        @Test func theStatusOfADeletedRecordSaysSo() throws {
            let world = try world()
            let path = world["wang.db"]
            #expect(try !world.satchel("status", path, "client", "b").output.contains("deleted"))
            try world.sql("wang", "DELETE FROM client WHERE id = 'b'")
            #expect(try world.satchel("status", path, "client", "b").output.contains("deleted: `bin` lists it"))
            try world.exchange()
            for place in [path, world["li.db"], world["hub"]] {
                #expect(try world.satchel("status", place, "client", "b").output.contains("deleted: `bin` lists it"))
            }
        }

        /// CLI-76.
        @Test func theStatusOfAMergedRecordSaysThatItIsNotShown() throws {
            let world = try world()
            try world.satchel("merge", world["wang.db"], "client", "a", "b")
            let text = try world.satchel("status", world["wang.db"], "client", "a").output
            #expect(text.contains("not shown here") && !text.contains("deleted"), "\(text)")
        }

        /// CLI-17.
        @Test(arguments: [
            ("phone", "NULL", "''", ["NULL", "''"]), ("photo", "1", "'1'", ["1", "'1'"]),
            ("phone", "'a\\nb'", "'a' || char(10) || 'b'", ["'a\\\\nb'", "'a\\nb'"]),
            ("phone", "'x'", "'y'", ["x", "y"]),
        ])
        func candidatesThatLookAlikeAreToldApart(
            _ column: String, _ mine: String, _ yours: String, _ words: [String]
        )
            throws
        {
            let world = try world()
            try world.sql("wang", "UPDATE client SET \(column) = 'before' WHERE id = 'a'")
            try world.exchange()
            try world.sql("wang", "UPDATE client SET \(column) = \(mine) WHERE id = 'a'")
            try world.sql("li", "UPDATE client SET \(column) = \(yours) WHERE id = 'a'")
            try world.exchange()
            let text = try world.satchel("conflicts", world["li.db"]).output
            #expect(text.split(separator: "\n").count == 4, "\(text)")
            for word in words { #expect(text.contains(" \(word)  — "), "\(word) in \(text)") }
        }

        /// CLI-1.
        @Test func whoIsCalledByALineForgesNone() throws {
            let world = try world()
            let name = "eve\n9  2026-01-01T00:00:00.000Z  hub  1 row\r\u{1B}[2J\u{2028}x"
            try world.satchel("load", world["wang.db"], "client", "-", "--actor", name, input: "id,name\nc,C\n")
            try world.sql("wang", "UPDATE client SET phone = 'A' WHERE id = 'a'")
            try world.exchange()
            let texts = [
                try world.hub("log", world["hub"]).output, try world.satchel("log", world["hub"], "client", "c").output,
            ]
            for text in texts {
                #expect(text.contains("eve\\n9  2026") && !text.contains("\n9  2026"), "\(text)")
                let odd = text.unicodeScalars.filter { ($0.value < 32 && $0 != "\n") || $0.value == 0x2028 }
                #expect(odd.isEmpty, "\(text)")
            }
            let told = try world.hub("log", world["hub"], "--json").json["changesets"] as? [[String: Any]]
            #expect(told?.contains { $0["actor"] as? String == name } == true, "as it is in JSON")
        }

        /// Where people stand a name is enough, and may be as short as they like.
        @Test func whatIsWrittenMayHaveANameOfOneLetter_CLI11() throws {
            let world = try world()
            let here = world["here"]
            try FileManager.default.createDirectory(atPath: here, withIntermediateDirectories: true)
            for arguments in [["pack", world["wang.db"], "-o", "z"], ["have", world["li.db"], "-o", "x"]] {
                let outcome = try Tool.satchel.run(arguments, in: here)
                #expect(outcome.code == 0, "\(arguments[0]): \(outcome.error)")
            }
            try world.write("CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL);", "s.sql")
            let made = try Tool.hub.run(["init", "y", "--schema", world["s.sql"]], in: here)
            #expect(made.code == 0, "\(made.error)")
            #expect(try Set(FileManager.default.contentsOfDirectory(atPath: here)) == ["x", "y", "z"])
            #expect(try world.hub("merge", world["hub"], here + "/z").output.contains("wang"))
        }

        /// CLI-2, CLI-10, CLI-15.
        @Test func whoPutsARecordAsideIsToldBySync() throws {
            let world = try World(
                schema: "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, no TEXT UNIQUE, ph TEXT UNIQUE);")
            try world.load("wang", "t", "id,no,ph\nz,N1,p1\n")
            let (wang, li, stick) = (world["wang.db"], world["li.db"], world["stick"])
            try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
            try world.satchel("sync", wang, "--folder", stick)
            try world.load("li", "t", "id,no,ph\ny,N1,p2\n")
            try world.hub("sync", world["hub"], "--folder", stick)
            try world.satchel("sync", li, "--folder", stick, expecting: 5)
            try world.hub("sync", world["hub"], "--folder", stick, expecting: 5)
            try world.satchel("sync", li, "--folder", stick)
            try world.sql("li", "UPDATE t SET no = 'N5' WHERE id = 'z'; INSERT INTO t VALUES ('x', 'N9', 'p2')")
            let told = try world.satchel("sync", li, "--folder", stick, "--json", expecting: 5)
            #expect(try told.json["set_aside"] as? Int == 1 && told.json["code"] as? Int == 5)
            #expect(
                told.error
                    == "error: what was written here is taken, but 1 row cannot be shown any more\n"
                    + "try: `satchel aside` names them and says why\n")
            try world.hub("sync", world["hub"], "--folder", stick, expecting: 5)
            try world.satchel("sync", li, "--folder", stick)
            try world.satchel("sync", wang, "--folder", stick, expecting: 5)
        }

        /// CLI-45, CAP-17.
        @Test func ofARefusedRowThatIsOnlyEnteredItIsSaidWhatCanBeDone() throws {
            let world = try World(
                schema: """
                    -- satchel: appendOnly log
                    CREATE TABLE log(id TEXT PRIMARY KEY NOT NULL, receipt TEXT UNIQUE, what TEXT);
                    CREATE TABLE card(id TEXT PRIMARY KEY NOT NULL, number TEXT UNIQUE);
                    """)
            let words = "is refused of log, whose rows are never changed or deleted, is entered anew with another value"
            func clash(_ table: String) throws -> String {
                for (device, code) in [("wang", Int32(0)), ("li", 5)] {
                    let columns = table == "log" ? "id,receipt" : "id,number"
                    try world.load(device, table, "\(columns)\n\(device),7\n")
                    try world.satchel("pack", world[device + ".db"], "-o", world["up"])
                    try world.hub("merge", world["hub"], world["up"], "--replies", world["r"], expecting: code)
                }
                try world.satchel("apply", world["li.db"], world["r/li.satchel"], expecting: 5)
                let told = try world.satchel("aside", world["li.db"]).output
                #expect(try world.hub("aside", world["hub"]).output == told)
                return told
            }
            let first = try clash("log")
            #expect(first.contains(words) && !first.contains("by `view` and `edit`"), "\(first)")
            let second = try clash("card")
            #expect(second.contains(words) && second.contains("by `view` and `edit`"), "\(second)")
        }

        /// CLI-78.
        @Test func anEditSaysWhatTheRecordShowsThen() throws {
            let world = try World(
                schema: """
                    -- satchel: policy t.last max
                    CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, last INTEGER, note TEXT);
                    """)
            try world.load("wang", "t", "id,last,note\nx,1,a\n")
            try world.exchange()
            let (path, view) = (world["wang.db"], world["view"])
            try world.satchel("view", path, "t", "x", "-o", view)
            try world.load("li", "t", "id,last\nx,9\n")
            try world.exchange()
            let told = try world.satchel(
                "edit", path, "--based-on", view, "--set", "last=3", "--set", "note=b", "--json")
            #expect(try told.json["outcome"] as? String == "written")
            #expect(try told.json["columns"] as? [String] == ["last", "note"])
            let values = try #require(try told.json["values"] as? [Any])
            #expect(values.map { "\($0)" } == ["9", "b"])
            try world.satchel("view", path, "t", "x", "-o", world["again"])
            try world.load("li", "t", "id,last\nx,20\n")
            try world.exchange()
            let text = try world.satchel("edit", path, "--based-on", world["again"], "--set", "last=12").output
            #expect(text == "written\nlast shows 20\n", "\(text)")
        }

        /// CLI-2.
        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no full device here"))
        func anAnswerThatCannotBeWrittenUndoesNothing() throws {
            let world = try world()
            let path = world["wang.db"]
            try world.write("id,name\nc,C\n", "more.csv")
            for form in [[], ["--json"]] {
                let outcome = try Tool.satchel.run(
                    ["load", path, "client", world["more.csv"]] + form, output: "/dev/full")
                #expect(outcome.code == 1, "\(outcome.error)")
                #expect(
                    outcome.error.contains("error: the answer could not be written; what the call was to do is done"))
                #expect(outcome.error.contains("\ntry: "))
            }
            #expect(try world.satchel("dump", path, "client").output.contains("c,C"))
            #expect(try Tool.satchel.run(["dump", path, "client"], output: "/dev/full").code == 1)
            #expect(try Tool.satchel.run(["--help"], output: "/dev/full").code == 1)
            // The code of what was done is higher.
            try world.write(Data("no bundle".utf8), "bad")
            let refused = try Tool.satchel.run(["apply", path, world["bad"]], output: "/dev/full")
            #expect(
                refused.code == 4 && refused.error.components(separatedBy: "error: ").count == 3, "\(refused.error)")
        }
    }
}
