import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Which overwrites by plain SQL are listed as perhaps unseen where a policy merges what several wrote (INB-11).
@Suite final class OverwritesByPolicyTests: TwoTablets {
    init() throws {
        try super.init(
            schema: """
                -- satchel: policy client.remark text
                -- satchel: policy client.tags set
                -- satchel: policy client.met_first min
                -- satchel: policy client.met_last max
                -- satchel: policy client.visits counter
                -- satchel: policy client.area lastWriter
                CREATE TABLE client(
                  id TEXT PRIMARY KEY, phone TEXT, remark TEXT, tags TEXT NOT NULL DEFAULT '[]', met_first TEXT,
                  met_last TEXT, visits INTEGER NOT NULL DEFAULT 0, area TEXT);
                """,
            entering: "INSERT INTO client(id) VALUES ('c1')")
    }

    private func value(_ column: String, _ replica: Replica) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT \(column) FROM client") }
    }

    /// What `a` held first, what `b` made of it, and what a program at `a` writes after that has come; then what stands when
    /// that is taken back, or nil if it is not listed.
    @Test(
        arguments: [
            ("phone", "'1'", "'2'", "'3'", "2"),
            ("remark", "'Ring.'", "'Ring. Allergic to nuts.'", "'Ring. Parking behind.'", "Ring. Allergic to nuts."),
            ("remark", "'Ring.'", "'Ring. Allergic to nuts.'", "'Ring. Parking behind. Allergic to nuts.'", nil),
            ("remark", "'Ring.'", "'Ring. Allergic to nuts.'", "NULL", "Ring. Allergic to nuts."),
            ("remark", "'Ring.'", "NULL", "'Knock.'", nil),
            (
                "tags", #"'["vip"]'"#, #"'["vip","complaint"]'"#, #"'["vip","gold"]'"#,
                #"["complaint","gold","vip"]"#
            ),
            ("tags", #"'["vip"]'"#, #"'["vip","complaint"]'"#, #"'["gold", "complaint", "vip"]'"#, nil),
            ("met_last", "'2026-03-01'", "'2026-05-01'", "'2026-04-01'", "2026-05-01"),
            ("met_last", "'2026-03-01'", "'2026-05-01'", "'2026-06-01'", nil),
            ("met_last", "'2026-03-01'", "'2026-05-01'", "NULL", "2026-05-01"),
            ("met_first", "'2026-03-01'", "'2026-02-01'", "'2026-02-15'", "2026-02-01"),
            ("met_first", "'2026-03-01'", "'2026-02-01'", "'2026-01-01'", nil),
            ("visits", "1", "visits + 2", "1", "3"), ("visits", "1", "visits + 2", "2", "3"),
            ("visits", "1", "visits + 2", "visits + 1", nil), ("visits", "5", "visits - 2", "5", "3"),
            ("visits", "5", "visits - 2", "2", nil), ("visits", "5", "visits + 0", "4", nil),
            ("area", "'N'", "'S'", "'W'", nil),
        ] as [(String, String, String, String, String?)]) func anOverwriteIsListedIfItTakesSomethingAway_INB11(
            column: String, start: String, theirs: String, written: String, back: String?
        ) throws
    {
        try run(a, "UPDATE client SET \(column) = \(start)")
        try sync()
        try run(b, "UPDATE client SET \(column) = \(theirs)")
        try exchange(b)
        try exchange(a)
        let brought = try value(column, a)
        try run(a, "UPDATE client SET \(column) = \(written)")
        let listed = try a.unseen()
        #expect(listed.map(\.unit) == (back == nil ? [] : [column]), "\(listed)")
        if let one = listed.first {
            #expect(one.was.map(\.display) == [brought ?? ""] && one.values.count == 1)
            #expect(one.wasWriter.device == "tablet-2" && one.writer.device == "tablet-1")
            try a.takeBackUnseen(one.id)
            #expect(try value(column, a) == back && a.unseen().isEmpty)
        }
        try sync()
        #expect(try value(column, b) == value(column, a) && b.conflicts().isEmpty)
        // Who takes two off a number that another had just entered is not known to have seen it.
        #expect(try b.unseen().map(\.unit) == (theirs == "visits - 2" ? ["visits"] : []))
        #expect(try a.digest() == b.digest() && a.digest() == hub.digest())
    }

    @Test func aRowWrittenBackWholeIsListedUnitByUnit_INB11() throws {
        try run(
            a,
            """
            UPDATE client SET phone = '1', remark = 'Ring.', tags = '["vip"]', met_last = '2026-03-01', visits = 1,
              area = 'N'
            """)
        try sync()
        try run(
            b,
            """
            UPDATE client SET phone = '2', remark = 'Ring. Allergic to nuts.', tags = '["vip","complaint"]',
              met_last = '2026-05-01'
            """)
        try exchange(b)
        try exchange(a)
        try run(
            a,
            """
            UPDATE client SET phone = '1', remark = 'Ring. Parking behind.', tags = '["vip","gold"]',
              met_last = '2026-04-01'
            """)
        let listed = try a.unseen()
        #expect(listed.map(\.unit).sorted() == ["met_last", "phone", "remark", "tags"])
        for one in listed { try a.takeBackUnseen(one.id) }
        #expect(try a.unseen().isEmpty)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try value("phone || met_last || tags", replica) == #"22026-05-01["complaint","gold","vip"]"#)
            #expect(try value("remark", replica) == "Ring. Allergic to nuts." && replica.conflicts().isEmpty)
        }
    }

    /// Both wrote at once, and what is shown is made of both values.
    @Test(
        arguments: [
            ("tags", #"["vip"]"#, #"["gold","vip"]"#, #"["complaint","vip"]"#, #"["complaint","vip"]"#, false),
            ("tags", #"["vip"]"#, #"["gold","vip"]"#, #"["complaint","vip"]"#, #"["gold","vip"]"#, true),
            // What the one took out at once is not shown, and is not taken away by who leaves it out.
            ("tags", #"["vip"]"#, "[]", #"["complaint","vip"]"#, #"["complaint","gold"]"#, false),
            (
                "remark", "Gate left. Yard. Ring twice.", "Gate left open. Yard. Ring twice.",
                "Gate left. Yard. Ring twice loudly.", "Gate left. Yard. Ring twice loudly.", false
            ),
            (
                "remark", "Gate left. Yard. Ring twice.", "Gate left open. Yard. Ring twice.",
                "Gate left. Yard. Ring twice loudly.", "Gate left open. Yard. Ring twice.", true
            ),
            ("met_last", "2026-03-01", "2026-04-01", "2026-05-01", "2026-04-15", true),
            ("met_last", "2026-03-01", "2026-05-01", "2026-04-01", "2026-04-15", false),
        ] as [(String, String, String, String, String, Bool)]) func ofWhatIsMadeOfSeveralValuesOnlyAnothersCounts_INB11(
            column: String, start: String, mine: String, theirs: String, written: String, isListed: Bool
        ) throws
    {
        try run(a, "UPDATE client SET \(column) = '\(start)'")
        try sync()
        try run(a, "UPDATE client SET \(column) = '\(mine)'")
        try run(b, "UPDATE client SET \(column) = '\(theirs)'")
        try sync()
        let shown = try #require(try value(column, a))
        try run(a, "UPDATE client SET \(column) = '\(written)'")
        let listed = try a.unseen()
        #expect(listed.map(\.was) == (isListed ? [[.text(shown)]] : []), "\(listed)")
        #expect(listed.allSatisfy { $0.wasWriter.device == "tablet-2" })
    }

    @Test func whoSawItInAFormOrWroteTheRecordSinceIsNotSuspected_INB11() throws {
        try run(a, "UPDATE client SET remark = 'Ring.'")
        try sync()
        try run(b, "UPDATE client SET remark = 'Ring. Allergic to nuts.'")
        try exchange(b)
        try exchange(a)
        let view = try #require(try a.view(table: "client", key: RowKey([.text("c1")])))
        #expect(try a.edit(basedOn: view) { $0["remark"] = .text("Knock.") } == .written)
        #expect(try a.unseen().isEmpty, "the view showed it")
        try sync()
        try run(b, "UPDATE client SET tags = '[\"vip\"]'")
        try exchange(b)
        try exchange(a)
        try run(a, "UPDATE client SET phone = '7'")
        try a.seal()
        try run(a, "UPDATE client SET tags = '[]'")
        #expect(try a.unseen().isEmpty, "who wrote the record afterwards could have looked")
    }
}
