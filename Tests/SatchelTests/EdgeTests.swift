import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Values, files and tables at the edge of what people do.
@Suite final class EdgeTests: ReviewedWorld {
    @Test func aTableWithASetIsLoaded_CLI23_CAP17() throws {
        let (_, all) = try world(
            "-- satchel: policy t.tags set\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, tags TEXT NOT NULL DEFAULT '[]');",
            "one")
        #expect(throws: Never.self) { try all[0].load("t", csv: Array("id,v\nx,1\n".utf8), named: "x.csv") }
    }

    @Test func aQuotedNumberNamesARowAsInALoadedFile_CLI24() throws {
        let (_, all) = try world("-- satchel: stable p\nCREATE TABLE p(n INTEGER PRIMARY KEY, v TEXT);", "one")
        try all[0].load("p", csv: Array("n,v\n\"7\",x\n".utf8), named: "x.csv")
        let key = try all[0].key(of: "p", written: ["\"7\""])
        #expect(key == RowKey([.integer(7)]))
    }

    @Test func whatATableRefusesOfAPersonIsTheCallsFault_CLI2() throws {
        let (hub, all) = try world(
            "-- satchel: policy t.tags set\nCREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER CHECK (n < 10), tags TEXT NOT NULL DEFAULT '[]');",
            "one", "two")
        try run(all[0], "INSERT INTO t(id, n) VALUES ('x', 1)")
        try sync(hub, all)
        func kind(_ body: () throws -> Void) -> Complaint? {
            do { try body() } catch { return Complaint(error) }
            return nil
        }
        let view = try #require(try all[0].view(table: "t", key: key("x")))
        for (column, value) in [("n", Value.integer(50)), ("tags", .text("x"))] {
            let said = kind { _ = try all[0].edit(basedOn: view) { $0[column] = value } }
            #expect(said?.kind == .usage, "\(String(describing: said?.sentence)); try \(said?.hint ?? "")")
        }
        try run(all[0], "UPDATE t SET n = 2")
        try run(all[1], "UPDATE t SET n = 3")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first)
        let said = kind { try all[0].resolve(conflict.id, values: [.integer(50)]) }
        #expect(said?.kind == .usage, "\(String(describing: said?.sentence)); try \(said?.hint ?? "")")
    }

    @Test(arguments: [Value.real(.nan), .real(-0.0)]) func aFormOverADeletedRowSealsOnlyWhatCanBeRead_CAP13(
        value: Value
    ) throws {
        let (hub, all) = try world("CREATE TABLE client(id TEXT PRIMARY KEY, area REAL, x);", "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('c', 1.5, 1)")
        try sync(hub, all)
        for column in ["area", "x"] {
            let view = try #require(try all[0].view(table: "client", key: key("c")))
            try run(all[1], "DELETE FROM client WHERE id = 'c'")
            try sync(hub, [all[1], all[0]])
            #expect(try text(all[0], "SELECT id FROM client") == "")
            _ = try all[0].edit(basedOn: view) { $0[column] = value }
            try all[0].pack(to: folder + "/up")
            let report = try hub.merge([folder + "/up"])
            #expect(
                report.merged.allSatisfy { $0.outcome != .refused && $0.outcome != .failed } && report.failures.isEmpty,
                "\(column): \(report)")
            try down(all[0], hub)
            try sync(hub, all, rounds: 1)
            for replica in all {
                let rows = try replica.read {
                    try Row.fetchAll($0, sql: "SELECT id, area, x FROM client").map(\.description)
                }
                #expect(rows.count == 1, "\(rows)")
                #expect(try replica.doctor().isSound)
            }
            try expectEqual(hub, all)
            let conflict = try #require(try all[0].conflicts().first { $0.kind == .deleted })
            try all[0].resolve(conflict.id, keep: 1)
            try sync(hub, all)
        }
    }

    @Test func aNumberThatIsNoneDoesNotStopADeviceForEver_CAP13() throws {
        let (hub, all) = try world("CREATE TABLE client(id TEXT PRIMARY KEY, area REAL);", "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('c', 1.5)")
        try sync(hub, all)
        let view = try #require(try all[0].view(table: "client", key: key("c")))
        try run(all[1], "DELETE FROM client WHERE id = 'c'")
        try sync(hub, [all[1], all[0]])
        _ = try all[0].edit(basedOn: view) { $0["area"] = .real(0.0 / 0.0) }
        try all[0].pack(to: folder + "/up")
        _ = try hub.merge([folder + "/up"])
        // A day's work later.
        try run(all[0], "INSERT INTO client VALUES ('work', 2)")
        try all[0].pack(to: folder + "/up")
        let report = try hub.merge([folder + "/up"])
        #expect(
            try hub.replica.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM client WHERE id = 'work'") } == 1,
            "\(report.merged.map(\.reasons))")
        #expect(report.merged.allSatisfy { $0.outcome != .refused })
        #expect(try all[0].doctor().isSound)
    }

    @Test func whatALocalTableRefersToInVainIsNoDamage_CLI26() throws {
        let (hub, all) = try world(
            Self.clients + "CREATE TABLE scratch(note TEXT, client_id TEXT REFERENCES client(id));", "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('c', 'C', '1')")
        try sync(hub, all)
        try run(all[0], "INSERT INTO scratch VALUES ('ask', 'c')")
        try run(all[1], "DELETE FROM client WHERE id = 'c'")
        try sync(hub, all)
        let report = try all[0].doctor()
        #expect(report.isSound, "\(report.faults)")
    }

    @Test func theDoctorRunsBesideALocalTableThatIsDeclaredOddly_CLI26() throws {
        let (_, all) = try world(Self.clients, "one")
        try run(all[0], "CREATE TABLE scratch(x REFERENCES client(name))")
        #expect(throws: Never.self) { try all[0].doctor() }
    }

    @Test(arguments: [Int.min, -1, 0, 3, Int.max]) func aNumberThatNoCandidateHasIsRefused_INB5(number: Int) throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = 'one' WHERE id = 'a'")
        try run(two, "UPDATE client SET phone = 'two' WHERE id = 'a'")
        try sync(hub, [one, two])
        let conflict = try #require(try one.conflicts().first)
        #expect(throws: UsageError.self) { try one.resolve(conflict.id, keep: number) }
        #expect(try one.conflicts().count == 1)
    }
}
