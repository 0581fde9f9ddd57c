import Foundation
import Testing

extension Commands {
    @Suite struct ContractTests {
        static let satchel = [
            "init", "pack", "have", "apply", "sync", "status", "conflicts", "resolve", "digest", "log", "doctor",
            "inspect", "verify", "load", "dump", "migrate", "bin", "undo", "aside", "duplicates", "merge", "unmerge",
            "distinct",
        ]
        static let hub = [
            "init", "enrol", "accept", "accepted", "merge", "pack", "sync", "devices", "conflicts", "resolve", "digest",
            "verify", "log",
            "migrate", "bin", "undo", "aside", "duplicates", "merge-rows", "unmerge-rows", "distinct", "grant",
            "handover",
        ]

        /// CLI-1.
        @Test func everyCommandHelpsAndEndsWell() throws {
            for (tool, names) in [(Tool.satchel, Self.satchel), (Tool.hub, Self.hub)] {
                let all = try tool.run(["--help"])
                #expect(all.code == 0 && all.error.isEmpty)
                for name in names {
                    #expect(all.output.contains(name))
                    for call in [[name, "--help"], ["help", name]] {
                        let outcome = try tool.run(call)
                        #expect(outcome.code == 0 && outcome.error.isEmpty, "\(call): \(outcome.error)")
                        #expect(outcome.output.contains("USAGE: ") && outcome.output.contains("--json"))
                    }
                }
            }
        }

        /// CLI-2, CLI-3.
        @Test(arguments: [
            [], ["nonsense"], ["status"], ["status", "a", "b"], ["pack", "x"], ["resolve", "x", "y"],
            ["resolve", "x", "y", "--keep", "one"], ["resolve", "x", "y", "--keep", "1", "--value", "2"],
            ["status", "x", "--busy-ms", "-1"], ["verify", "x", "--hub", "a", "--replica", "b"],
            ["status", "/nowhere"],
        ])
        func aCallThatCannotBeMeantSoIsCode2(_ arguments: [String]) throws {
            let outcome = try Tool.satchel.run(arguments)
            #expect(outcome.code == 2 && outcome.output.isEmpty)
            let lines = outcome.error.split(separator: "\n")
            #expect(
                lines.count == 2 && lines[0].hasPrefix("error: ") && lines[1].hasPrefix("try: "), "\(outcome.error)")
        }

        /// CLI-2, CLI-9.
        @Test func whatIsNoReplicaIsUsage() throws {
            let world = try World(devices: ["wang"])
            try world.satchel("status", world["schema.sql"], expecting: 2)
            try world.satchel("status", world.folder, expecting: 2)
            try world.satchel("init", world["wang.db"], "--enrolment", world["wang.enrolment"], expecting: 2)
            try world.satchel("init", world["x.db"], "--enrolment", world["schema.sql"], expecting: 2)
            for command in ["pack", "have"] {
                try world.satchel(command, world["hub"], "-o", world["x"], expecting: 2)
            }
            try world.satchel("apply", world["hub"], world["x"], expecting: 2)
            try world.satchel("sync", world["hub"], "--folder", world.folder, expecting: 2)
            try world.satchel("init", world["hub"], "--enrolment", world["wang.enrolment"], expecting: 2)
            try world.hub("init", world["hub"], expecting: 2)
            #expect(try world.satchel("digest", world["hub"]).output == world.hub("digest", world["hub"]).output)
            #expect(!FileManager.default.fileExists(atPath: world["x"]))
        }

        /// CLI-61, CLI-16.
        @Test func aCopyOfAReplicaGoesOnUnderANameOfItsOwnWithoutAnError() throws {
            let world = try World(devices: ["wang"])
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            try FileManager.default.copyItem(atPath: world["wang.db"], toPath: world["copy.db"])
            func status(_ name: String) throws -> (origin: String?, lines: [[String: Any]]) {
                let told = try world.satchel("status", world[name], "--json").json
                return (told["origin"] as? String, try #require(told["former_lines"] as? [[String: Any]]))
            }
            let original = try status("wang.db")
            #expect(original.lines.isEmpty)
            for _ in 0..<2 {
                let copy = try status("copy.db")
                #expect(copy.origin != original.origin && copy.lines.count == 1)
                #expect(copy.lines.first?["origin"] as? String == original.origin)
                #expect(copy.lines.first?["reason"] as? String == "copied")
            }
            #expect(try status("wang.db").lines.isEmpty)
        }

        /// CLI-30.
        @Test(arguments: [
            "CREATE TABLE t(", "CREATE TABLE t(id INTEGER PRIMARY KEY)",
            "-- satchel: nonsense\nCREATE TABLE t(id TEXT PRIMARY KEY)",
            "-- satchel: policy t.n newest\nCREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER)",
        ])
        func aSchemaThatCannotBeSyncedIsUsageAndLeavesNothing(_ schema: String) throws {
            let world = try World(devices: [])
            try world.write(schema, "bad.sql")
            try world.hub("init", world["bad"], "--schema", world["bad.sql"], expecting: 2)
            #expect(!FileManager.default.fileExists(atPath: world["bad"]))
        }

        /// CLI-30.
        @Test func withoutASchemaItIsFieldwork() throws {
            let world = try World(devices: [])
            let told = try world.hub("init", world["field"], "--json").json
            #expect((told["tables"] as? [String])?.contains("visit_plan") == true)
        }

        /// CLI-31.
        @Test func enrolmentsAreAllOrNoneAndOverwriteNothing() throws {
            let world = try World()
            try world.write("name,display_name\nchen,\"陈, 东\"\nzhao,\n", "names.csv")
            let told = try world.hub("enrol", world["hub"], "--from", world["names.csv"], "-o", world["out"], "--json")
                .json
            let made = try #require(told["enrolments"] as? [[String: String]])
            #expect(made.map { $0["display_name"] } == ["陈, 东", "zhao"])
            try world.satchel("init", world["chen.db"], "--enrolment", try #require(made[0]["file"]))
            let enrolment = String(decoding: try world.bytes("out/chen.enrolment"), as: UTF8.self)
            #expect(!enrolment.contains("deviceKey"))

            try world.write("name\nsun\nwang\n", "again.csv")
            try world.hub("enrol", world["hub"], "--from", world["again.csv"], "-o", world["more"], expecting: 2)
            #expect(!FileManager.default.fileExists(atPath: world["more/sun.enrolment"]))
            try world.hub("enrol", world["hub"], "--name", "sun", "-o", world["wang.enrolment"], expecting: 2)
            try world.hub("enrol", world["hub"], "--name", "sun", "-o", world["sun.enrolment"])
            for name in ["Sun", "", "a_b", String(repeating: "a", count: 33), "../x", "hub"] {
                try world.hub("enrol", world["hub"], "--name", name, "-o", world["x"], expecting: 2)
            }
        }

        /// CLI-22.
        @Test func verifyTellsWhetherTrustWasChecked() throws {
            let world = try World()
            let stranger = try World(devices: ["wang"])
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            #expect(try world.satchel("verify", world["up"]).output.contains("not checked"))
            #expect(try world.satchel("verify", world["up"], "--json").json["trust"] as? String == "unchecked")
            for anchor in [
                ["--replica", world["li.db"]], ["--hub", world["hub"]], ["--enrolment", world["li.enrolment"]],
            ] {
                let told = try world.satchel("verify", world["up"], anchor[0], anchor[1], "--json").json
                #expect(told["trust"] as? String == "hub")
            }
            try world.satchel("verify", world["up"], "--hub", stranger["hub"], expecting: 4)
            try world.satchel("inspect", world["up"], "--hub", stranger["hub"], expecting: 4)
            try world.write(world.bytes("up").dropLast(), "cut")
            try world.satchel("verify", world["cut"], expecting: 4)
        }

        /// CLI-26.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here"))
        func theDoctorPutsTriggersBackAndCapturesWhatWentRound() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.exchange()
            try world.sql("wang", try triggers(world).map { "DROP TRIGGER \($0);" }.joined())
            try world.sql("wang", "UPDATE client SET phone = '1'; INSERT INTO client(id, name) VALUES ('c2', '瑞丰')")
            let told = try world.satchel("doctor", world["wang.db"], "--json").json
            #expect(told["sound"] as? Bool == true)
            #expect(told["rows_captured"] as? Int == 2)
            #expect((told["triggers_mended"] as? Int ?? 0) > 5)
            #expect(told["unreceipted"] as? Int == 1)
            #expect(
                (try world.satchel("doctor", world["wang.db"], "--json").json["mended"] as? [String])?.isEmpty == true)
            try world.exchange()
            #expect(try world.digest("wang.db") == world.digest("hub"))
            #expect(try world.satchel("dump", world["li.db"], "client").output.contains("c2,瑞丰"))
        }

        /// CLI-26.
        @Test func theDoctorFindsDamageAndWritesNothingIntoIt() throws {
            let world = try World(devices: ["wang"])
            let rows = (0..<3000).map { "c\($0),名称\($0),\($0)" }.joined(separator: "\n")
            try world.load("wang", "client", "id,name,phone\n\(rows)\n")
            var file = try world.bytes("wang.db")
            for page in stride(from: file.count / 4096 / 2, to: file.count / 4096, by: 3) {
                file.replaceSubrange((page * 4096)..<(page * 4096 + 200), with: Data(repeating: 0xA5, count: 200))
            }
            try world.write(file, "wang.db")
            let told = try world.satchel("doctor", world["wang.db"], "--json", expecting: 4).json
            #expect(told["sound"] as? Bool == false && (told["faults"] as? [String])?.isEmpty == false)
            #expect(told["unreceipted"] is NSNull)
            #expect(try world.bytes("wang.db") == file)
        }

        private func triggers(_ world: World) throws -> [String] {
            let sqlite = try #require(Tool.sqlite)
            let list = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'satchel_*'"
            return try sqlite.run([world["wang.db"], list]).output.split(separator: "\n").map(String.init)
        }
    }
}
