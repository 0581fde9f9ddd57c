import Foundation
import Testing

extension Commands {
    /// The fields of `--json` are those of Protocol/cli.md: no more, no fewer.
    @Suite struct FieldTests {
        /// Every name in an answer, of objects within objects too; those of values (CLI-6) are no fields.
        private func fields(_ any: Any) -> Set<String> {
            if let object = any as? [String: Any] {
                return object.reduce(into: Set(object.keys)) { found, pair in
                    if !["values", "key", "old", "new"].contains(pair.key) { found.formUnion(fields(pair.value)) }
                }
            }
            return (any as? [Any])?.reduce(into: []) { $0.formUnion(fields($1)) } ?? []
        }

        /// The text of one rule.
        private func rule(_ number: Substring) throws -> String {
            let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Protocol/cli.md").path
            let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
            let parts = text.components(separatedBy: "\n**")
            return try #require(parts.first { $0.hasPrefix("\(number)**") }).components(separatedBy: "\n## ")[0]
        }

        /// `rules`: those whose texts name the fields, parted by blanks.
        func check(_ outcome: Tool.Outcome, _ rules: String, _ expected: String) throws {
            let found = fields(try outcome.json)
            #expect(found == Set(expected.split(separator: " ").map(String.init)))
            let text = try rules.split(separator: " ").map { try rule($0) }.joined()
            for field in found { #expect(text.contains("`\(field)`"), "\(field) is not in \(rules)") }
            // CLI-5: every moment stands twice.
            for field in found where field.hasSuffix("_ms") && field != "clock_offset_ms" && field != "clock_ahead_ms" {
                #expect(found.contains(String(field.dropLast(3))))
            }
        }

        static let fate =
            "file outcome sender changesets rows parked waits_for turned_away set_aside new_conflicts error code"

        /// CLI-8, and the fields of the rules that are named with each answer.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here")) func everyAnswerHasTheFieldsThatAreWritten()
            throws
        {
            let world = try World(devices: [])
            try check(
                world.hub("init", world["h"], "--schema", world["schema.sql"], "--json"), "CLI-30 CLI-11",
                "hub data_set tables local_tables table reason")
            for name in ["wang", "li"] {
                try check(
                    world.hub("enrol", world["hub"], "--name", name, "-o", world[name], "--json"), "CLI-31",
                    "enrolments name display_name file")
                try check(
                    world.satchel("init", world[name + ".db"], "--enrolment", world[name], "--json"), "CLI-11",
                    "replica name display_name origin data_set tables local_tables table reason")
            }
            let (wang, li, hub) = (world["wang.db"], world["li.db"], world["hub"])
            try check(
                world.satchel("load", wang, "client", "-", "--json", input: "id,name,phone\nc1,恒达,1\n"), "CLI-23",
                "table rows inserted found")
            try check(world.satchel("pack", wang, "-o", world["up"], "--json"), "CLI-12", "file changesets rows bytes")
            try check(world.satchel("have", wang, "-o", world["have"], "--json"), "CLI-13", "file bytes")
            let contents =
                "file bytes parts kind data_set bundle sender audience sender_name made made_ms schema trust changesets "
                + "rows content_bytes state_rows tables table standing reply unsigned_changesets epoch position"
            try check(world.satchel("inspect", world["up"], "--json"), "CLI-21", contents)
            try check(
                world.hub("merge", hub, world["up"], "--replies", world["r"], "--json"), "CLI-32 CLI-10",
                "bundles replies notes device bytes " + Self.fate)
            let reply = world["r/wang.satchel"]
            try check(world.satchel("verify", reply, "--json"), "CLI-21 CLI-22", contents + " from snapshot")
            try check(world.satchel("apply", wang, reply, "--json"), "CLI-14 CLI-10", "bundles " + Self.fate)
            try world.satchel("pack", li, "-o", world["up"])
            try world.hub("merge", hub, world["up"])
            try check(
                world.hub("sync", hub, "--folder", world.folder, "--json"), "CLI-32 CLI-35",
                "bundles replies notes code device file rows bytes")
            try check(
                world.satchel("sync", li, "--folder", world.folder, "--json"), "CLI-15 CLI-10",
                "received sent notes bytes " + Self.fate)
            try world.sql("wang", "UPDATE client SET phone = '2'")
            try world.sql("li", "UPDATE client SET phone = '3'")
            for device in [wang, li] {
                try world.satchel("pack", device, "-o", world["up"])
                try world.hub("merge", hub, world["up"])
            }
            let conflict =
                "conflicts more id kind table key unit columns candidates number values act shown authors device actor time "
                + "time_ms reading reading_ms clock_offset_ms dot base assignee neighbours"
            try check(world.hub("conflicts", hub, "--json"), "CLI-17 CLI-71", conflict)
            let told = try world.hub("conflicts", hub, "--json").json["conflicts"] as? [[String: Any]]
            let id = try #require(told?.first?["id"] as? String)
            try check(
                world.hub("resolve", hub, id, "--keep", "1", "--json"), "CLI-18", "conflict open_conflicts")
            try checkInbox(world, hub, id)
            try check(
                world.satchel("log", hub, "client", "c1", "--json"), "CLI-20",
                "table key complete entries time time_ms device actor act unit columns old new note dot")
            try check(world.satchel("digest", li, "--json"), "CLI-19", "digest for")
            try check(world.hub("digest", hub, "--for", "li", "--json"), "CLI-37", "digest for")
            try check(
                world.hub("pack", hub, "--for", "li", "-o", world["down"], "--json"), "CLI-34",
                "file changesets rows bytes"
            )
            try check(
                world.hub("devices", hub, "--json"), "CLI-36",
                "position devices name display_name origin enrolled enrolled_ms last_seen last_seen_ms lacks clock_ahead_ms "
                    + "retired retired_ms")
            try check(
                world.hub("clean", hub, "--keep-days", "7", "--json"), "CLI-47",
                "dropped dead archived keep_days known waits_for device position last_seen last_seen_ms")
            try check(world.hub("retire", hub, "li", "--json"), "CLI-48", "device")
            try world.hub("retire", hub, "nobody", expecting: 2)
            try check(
                world.hub("log", hub, "--json"), "CLI-38",
                "changesets position dot device actor note time time_ms rows bytes redacted")
            try check(world.hub("verify", hub, "--json"), "CLI-39", "changesets rows redacted faults")
            try check(
                world.hub("erase", hub, "client", "c1", "--json"), "CLI-49",
                "erasure tables table rows cut changesets quarantine_removed quarantine_unread unknown_tables merged")
            try check(
                world.hub("erasures", hub, "--json"), "CLI-50",
                "erasures erasure ordered ordered_ms position tables table rows units confirmed missing device copy last_seen "
                    + "last_seen_ms retired")
            try world.hub("erase", hub, "client", "c1", expecting: 2)
            try world.hub("erase", hub, "client", "c1", "--column", "name", "--with-references", expecting: 2)
            try check(world.satchel("dump", li, "client", "--json"), "CLI-25", "table columns rows")
        }

        private func checkInbox(_ world: World, _ hub: String, _ id: String) throws {
            try check(
                world.satchel("decisions", hub, "--json"), "CLI-74 CLI-17 CLI-71",
                "decisions conflict table key unit values act author device actor time time_ms reading reading_ms "
                    + "clock_offset_ms dot")
            try check(world.satchel("undo-decision", hub, id, "--json"), "CLI-74", "conflict open_conflicts")
            try check(world.satchel("assign", hub, id, "--to", "li", "--json"), "CLI-73", "conflict assignee")
            try check(world.satchel("assign", hub, id, "--nobody", "--json"), "CLI-73", "conflict assignee")
            try world.satchel("assign", hub, id, expecting: 2)
            try check(
                world.hub("resolve", hub, "--all", "client.phone", "--rule", "newer", "--json"), "CLI-72",
                "decided left open_conflicts")
            try world.hub("resolve", hub, "--all", "client.phone", expecting: 2)
            try world.hub("resolve", hub, id, "--all", "-", "--rule", "shown", expecting: 2)
            try check(world.satchel("unseen", hub, "--json"), "CLI-75", "unseen")
            try world.satchel("unseen", hub, "--seen", "0123456789", expecting: 2)
            try check(
                world.satchel("status", hub, "client", "c1", "--json"), "CLI-76",
                "table key level unsealed shown conflicts")
            // CLI-79.
            try check(
                world.hub("status", hub, "client", "c1", "--json"), "CLI-76", "table key level unsealed shown conflicts"
            )
            try check(world.hub("unseen", hub, "--json"), "CLI-75", "unseen")
            try check(
                world.hub("view", hub, "client", "c1", "-o", world["view"], "--json"), "CLI-77",
                "file table key columns values")
            try check(
                world.hub("edit", hub, "--based-on", world["view"], "--set", "name=恒达", "--json"), "CLI-78",
                "outcome conflicts columns values")
            let decided = try world.hub("decisions", hub, "--json").json["decisions"] as? [Any]
            #expect(decided?.count == 1)
            try check(world.hub("undo-decision", hub, id, "--json"), "CLI-74", "conflict open_conflicts")
            try check(world.hub("assign", hub, id, "--to", "li", "--json"), "CLI-73", "conflict assignee")
            try world.hub("resolve", hub, id, "--keep", "1")
        }

        /// CLI-16, CLI-26.
        @Test func statusAndDoctorNameWhatWaitsAndWhatIsAside() throws {
            let world = try World()
            try world.load("wang", "card", "id,number\na,7\n")
            try world.load("li", "card", "id,number\nb,7\n")
            for device in ["wang", "li"] { try world.satchel("pack", world[device + ".db"], "-o", world[device]) }
            try world.hub("merge", world["hub"], world["wang"], "--replies", world["r"])
            try world.satchel("apply", world["wang.db"], world["r/wang.satchel"])
            try world.load("wang", "card", "id,number\nc,8\n")
            try world.satchel("pack", world["wang.db"], "-o", world["later"])
            let third = try world.satchel("apply", world["li.db"], world["wang"], world["later"], expecting: 5)
            #expect(third.error.contains("waits for") && third.error.contains("cannot be shown"))
            let common = "parked dot device made made_ms waits_for aside table key reason conflicts unreceipted"
            try check(
                world.satchel("status", world["li.db"], "--json"), "CLI-16 CLI-59",
                common + " name origin data_set all_at_hub unsealed_notes unreceipted_rows carried epoch position "
                    + "scopes scopes_at last_contact last_contact_ms clock_offset_ms schema_version offered_version former_lines "
                    + "quarantined outside tables rows too_large")
            try check(
                world.satchel("doctor", world["li.db"], "--json"), "CLI-26 CLI-16",
                common + " sound mended faults notes triggers_mended rows_captured rows_to_fetch sqlite_version "
                    + "sqlite_known_bad")
        }

        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here")) func binUndoAndAsideHaveTheFieldsThatAreWritten()
            throws
        {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.load("wang", "visit", "id,client_id,note\nv1,c1,复检\nv2,c1,回访\n")
            try world.exchange()
            try world.sql("wang", "DELETE FROM visit; DELETE FROM client")
            let bin = try world.satchel("bin", world["wang.db"], "--json")
            let writer = "device actor time time_ms dot reading reading_ms clock_offset_ms"
            try check(bin, "CLI-43", "rows table key columns values deletions into " + writer)
            let rows = try #require(try bin.json["rows"] as? [[String: Any]])
            #expect(rows.count == 3)
            try check(
                world.satchel("undo", world["wang.db"], "client", "c1", "--json"), "CLI-44",
                "rows table key aside others")
            #expect(try world.satchel("bin", world["wang.db"]).output.contains("is empty"))
            try world.satchel("undo", world["wang.db"], "client", "c1", expecting: 2)
            try world.satchel("undo", world["wang.db"], "--changeset", "nothing", expecting: 2)
            try world.satchel("undo", world["wang.db"], expecting: 2)
            try world.sql("wang", "DELETE FROM visit")
            let deletions = try world.satchel("bin", world["wang.db"], "--table", "visit", "--json").json
            let first = try #require((deletions["rows"] as? [[String: Any]])?.first?["deletions"] as? [[String: Any]])
            let dot = try #require(first.first?["dot"] as? String)
            let undone = try world.satchel("undo", world["wang.db"], "--changeset", dot, "--actor", "王", "--json")
            #expect((try undone.json["rows"] as? [Any])?.count == 2)
            try check(world.hub("bin", world["hub"], "--json"), "CLI-43 CLI-46", "rows")
            try world.sql("wang", "DELETE FROM visit")
            try world.exchange()
            try check(
                world.hub("undo", world["hub"], "visit", "v1", "--json"), "CLI-44 CLI-46", "rows table key aside others"
            )
            try world.load("wang", "card", "id,number\na,7\n")
            try world.load("li", "card", "id,number\nb,7\n")
            for device in ["wang", "li"] { try world.satchel("pack", world[device + ".db"], "-o", world[device]) }
            try world.hub("merge", world["hub"], world["wang"])
            try world.hub("merge", world["hub"], world["li"], "--replies", world["r"], expecting: 5)
            try world.satchel("apply", world["li.db"], world["r/li.satchel"], expecting: 5)
            let aside = "aside table key kind reason columns values authors shown_again " + writer
            try check(world.satchel("aside", world["li.db"], "--retry", "--json"), "CLI-45", aside)
            try check(world.hub("aside", world["hub"], "--json"), "CLI-45 CLI-46", aside)
        }

        /// CLI-5.
        @Test func aMomentIsToldInBothFormsAlike() throws {
            let world = try World(devices: ["wang"])
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            let told = try world.satchel("inspect", world["up"], "--json").json
            let format = ISO8601DateFormatter()
            format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            let made = try #require(told["made"] as? String)
            let date = try #require(format.date(from: made))
            let milliseconds = try #require(told["made_ms"] as? Int)
            #expect(abs(date.timeIntervalSince1970 * 1000 - Double(milliseconds)) < 1)
            #expect(abs(date.timeIntervalSinceNow) < 60)
        }
    }
}
