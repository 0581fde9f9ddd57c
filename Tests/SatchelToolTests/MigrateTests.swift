import Foundation
import Testing

extension Commands {
    @Suite struct MigrateTests {
        private static let plain = "CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0);"

        /// CLI-41, CLI-42, SCH-20.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here"))
        func aCounterDeclaredAfterwardsCountsWhatTwoAddFromThenOn() throws {
            let world = try World(schema: Self.plain)
            try world.sql("wang", "INSERT INTO t VALUES ('k', 5)")
            func sync() throws {
                for device in ["wang", "li", "wang"] {
                    try world.satchel("pack", world[device + ".db"], "-o", world["up"])
                    try world.hub("merge", world["hub"], world["up"], "--replies", world["replies"])
                    try world.satchel("apply", world[device + ".db"], world["replies/\(device).satchel"])
                }
            }
            try sync()
            try world.write("-- satchel: policy t.n counter\n" + Self.plain, "new.sql")
            let answer = try world.hub("migrate", world["hub"], world["new.sql"], "--json").json
            #expect(answer["tables"] as? [String] == ["t"] && (answer["local_tables"] as? [Any])?.isEmpty == true)
            #expect(answer["replica"] as? String == world["hub"])
            for device in ["wang", "li"] { try world.satchel("migrate", world[device + ".db"], world["new.sql"]) }
            try world.sql("wang", "UPDATE t SET n = n + 1")
            try world.sql("li", "UPDATE t SET n = n + 2")
            try sync()
            try sync()
            #expect(try world.satchel("dump", world["wang.db"], "t").output == "id,n\nk,8\n")
            #expect(try world.satchel("dump", world["li.db"], "t").output == "id,n\nk,8\n")
        }

        /// ERA-11: what the new schema tells to be about somebody erased goes from the quarantine with the migration.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here"))
        func aMigrationOfTheHubClearsItsQuarantine() throws {
            let first = "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);"
            let second =
                first.replacingOccurrences(of: "version 1", with: "version 2")
                + "\nCREATE TABLE note(id TEXT PRIMARY KEY, t TEXT REFERENCES t(id), v TEXT);"
            let world = try World(schema: first, devices: ["wang"])
            func sync() throws {
                try world.satchel("pack", world["wang.db"], "-o", world["up"])
                // A row of a table that the hub does not know is kept, and not shown.
                try world.hub(
                    "merge", world["hub"], world["up"], "--replies", world["replies"], expecting: 5)
                try world.satchel("apply", world["wang.db"], world["replies/wang.satchel"])
            }
            try world.write(second, "new.sql")
            try world.satchel("migrate", world["wang.db"], world["new.sql"])
            try world.sql("wang", "INSERT INTO t VALUES ('p', 'x'); INSERT INTO note VALUES ('n', 'p', 'about p')")
            try sync()
            try world.sql("wang", "UPDATE note SET v = 'more'")
            let folder = world["hub"] + "/quarantine"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try world.satchel("pack", world["wang.db"], "-o", folder + "/wang-1.satchel")
            try world.hub("erase", world["hub"], "t", "p", "--with-references")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            try world.hub("migrate", world["hub"], world["new.sql"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }

        /// CLI-41: what does not fit is usage, and nothing is changed.
        @Test func whatCannotBeMeantSoChangesNothing() throws {
            let world = try World(schema: Self.plain, devices: ["wang"])
            let lacking = "CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, more TEXT NOT NULL);"
            try world.write(lacking, "new.sql")
            try world.satchel("migrate", world["wang.db"], world["new.sql"], expecting: 2)
            try world.satchel("migrate", world["wang.db"], expecting: 2)
            try world.write("CREATE TABEL t(id TEXT PRIMARY KEY);", "wrong.sql")
            for told in [
                try world.satchel("migrate", world["wang.db"], world["wrong.sql"], expecting: 2),
                try world.hub("migrate", world["hub"], world["wrong.sql"], expecting: 2),
            ] { #expect(told.error.contains("the schema cannot be run: near \"TABEL\""), "\(told.error)") }
            try world.write("CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, more TEXT);", "new.sql")
            try world.write("ALTER TABLE t ADD COLUMN more TEXT; nonsense", "run.sql")
            try world.satchel("migrate", world["wang.db"], world["new.sql"], "--run", world["run.sql"], expecting: 2)
            #expect(try world.satchel("dump", world["wang.db"], "t").output == "id,n\n")
            try world.write("ALTER TABLE t ADD COLUMN more TEXT", "run.sql")
            try world.satchel("migrate", world["wang.db"], world["new.sql"], "--run", world["run.sql"])
            #expect(try world.satchel("dump", world["wang.db"], "t").output == "id,n,more\n")
            // Without a script it is worked out.
            try world.write(
                "CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, more TEXT, yet);", "new.sql")
            let told = try world.satchel("migrate", world["wang.db"], world["new.sql"], "--json").json
            #expect(told["steps"] as? [String] == ["added column t.yet"] && told["version"] as? Int == 0)
            #expect(try world.satchel("dump", world["wang.db"], "t").output == "id,n,more,yet\n")
        }
    }
}
