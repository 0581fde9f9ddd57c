import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

@testable import Satchel

/// What the hub keeps aside holds nothing of an erased row, whichever came first (ERA-2).
@Suite final class ErasureAsideTests: ReviewedWorld {
    /// What lies at the hub and is not merged.
    private func lies(_ hub: Hub) throws -> [String] {
        let folder = folder + "/hub/quarantine"
        let files =
            FileManager.default.fileExists(atPath: folder)
            ? try FileManager.default.contentsOfDirectory(atPath: folder) : []
        return try files + hub.accepted().map(\.receipt.digest)
    }

    /// Two devices that were enrolled as one, of which the hub knows the first.
    private func twins(_ hub: Hub, _ other: Replica) throws -> Replica {
        let enrolment = try hub.enrol(name: "b")
        let rightful = try Replica.create(at: folder + "/b1.db", enrolment: enrolment, anchors: .none)
        try sync(hub, [rightful, other])
        return try Replica.create(at: folder + "/b2.db", enrolment: enrolment, anchors: .none)
    }

    /// A bundle of which a part has no effect (REV-8), and that names the client a.
    private func late(_ hub: Hub, _ one: Replica) throws -> String {
        let second = try twins(hub, one)
        try run(second, "INSERT INTO client VALUES ('strange', 'x', '1')")
        try run(one, "UPDATE client SET phone = 'SECRETPHONE' WHERE id = 'a'")
        try carry(second, to: one)
        try one.pack(to: folder + "/late")
        return folder + "/late"
    }

    @Test(arguments: [true, false], [true, false])
    func ofABundleWithoutEffectAfterTheOrderNothingStays_ERA2_EXC43(accepted: Bool, before: Bool) throws {
        let (hub, one, _) = try pair()
        let path = try late(hub, one)
        if accepted, before { _ = try hub.accept([.file(path)]) }
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        if accepted, !before { _ = try hub.accept([.file(path)]) }
        let report = accepted ? try hub.mergeAccepted() : try hub.merge([path])
        #expect(report.failures.isEmpty && report.merged.map(\.outcome) == [.applied])
        #expect(try lies(hub).isEmpty)
        for suffix in ["", "-wal"] {
            let contents = FileManager.default.contents(atPath: folder + "/hub/hub.sqlite" + suffix) ?? Data()
            #expect(contents.range(of: Data("SECRETPHONE".utf8)) == nil)
        }
        #expect(
            try hub.erase(table: "client", key: key("b"), withReferences: true).quarantineRemoved.isEmpty,
            "nothing was left for a later order")
    }

    @Test func ofAnErasedRowNothingIsKeptThatHasNoEffectEither_ERA2_REV8() throws {
        let (hub, one, _) = try pair()
        let second = try twins(hub, one)
        try run(second, "INSERT INTO client VALUES ('a', 'SECRETNAME', '1')")
        try second.pack(to: folder + "/named")
        try run(second, "DELETE FROM client; INSERT INTO client VALUES ('harmless', 'x', '1')")
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        #expect(try hub.merge([folder + "/named"]).merged.map(\.outcome) == [.applied])
        #expect(try lies(hub).isEmpty && hub.quarantine().changesets.count == 1)
        for suffix in ["", "-wal"] {
            let contents = FileManager.default.contents(atPath: folder + "/hub/hub.sqlite" + suffix) ?? Data()
            #expect(contents.range(of: Data("SECRETNAME".utf8)) == nil)
        }
    }

    @Test func anOrderThatIsBroughtBackTakesWhatABackupBroughtBack_ERA2_ERA9() throws {
        let (hub, one, two) = try pair()
        _ = try hub.accept([.file(late(hub, one))])
        // Its merge was refused.
        try hub.replica.withEngine { engine in
            try engine.transaction { try engine.store.db.execute("UPDATE satchel_accepted SET reason = 'refused'") }
        }
        #expect(try lies(hub).count == 1)
        try hub.backUp(to: folder + "/backup")
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        #expect(try lies(hub).isEmpty)
        try sync(hub, [one, two])
        let again = try restoreHub(hub, from: "backup")
        #expect(try again.accepted().count == 1)
        try sync(again, [two])
        #expect(try again.accepted().isEmpty)
    }

    /// - Parameter asHub: else the file is opened as any replica's is, which leaves to the hub what scopes set aside.
    @Test(arguments: [true, false])
    func whatAMigrationErasesLeavesNoKeyInTheBooksOfScopes_ERA2_ERA11(asHub: Bool) throws {
        let columns = "id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT, partner TEXT"
        var (hub, _) = try world("-- satchel: version 1\nCREATE TABLE client(\(columns));")
        for person in ["li", "wang"] { try hub.setScope(person, rules: ["client BY owner '\(person)'"]) }
        let (li, wang) = (try device("li", hub, scopes: ["li"]), try device("wang", hub, scopes: ["wang"]))
        try run(
            li,
            "INSERT INTO client VALUES ('SECRETP', 'P', 'li', NULL), ('SECRETC', 'C', 'li', 'SECRETP'), ('k', 'K', 'li', NULL)"
        )
        try sync(hub, [li, wang])
        try force(
            wang,
            "INSERT INTO client VALUES ('SECRETC', 'W', 'wang', 'SECRETP'), ('SECRETN', 'N', 'nobody', 'SECRETP')")
        try sync(hub, [li, wang])
        #expect(try hub.outsideChanges().count == 2)
        _ = try hub.handOver(from: "li", to: "wang")
        _ = try hub.erase(table: "client", key: key("SECRETP"), withReferences: true)
        try sync(hub, [li, wang])
        let next = "-- satchel: version 2\nCREATE TABLE client(\(columns) REFERENCES client(id));"
        if asHub {
            try hub.replica.migrate(to: next)
            try hub.clearQuarantineIfDue()
            #expect(try hub.outsideChanges().isEmpty)
        } else {
            try hub.close()
            let file = try Replica.open(at: folder + "/hub/hub.sqlite", anchors: .none)
            try file.migrate(to: next)
            try file.close()
            hub = try Hub.open(at: folder + "/hub", anchors: .none)
        }
        try sync(hub, [li, wang], rounds: 3)
        for name in ["SECRETP", "SECRETC", "SECRETN"] {
            for table in ["satchel_scope_row", "satchel_scope_aside"] {
                let found = try hub.replica.read { db in
                    try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM \(table) WHERE instr(key, CAST(? AS BLOB))", arguments: [name])
                }
                #expect(found == 0, "\(table) \(name)")
            }
            for suffix in ["", "-wal"] {
                let contents = FileManager.default.contents(atPath: folder + "/hub/hub.sqlite" + suffix) ?? Data()
                #expect(contents.range(of: Data(name.utf8)) == nil, "\(name) in hub.sqlite\(suffix)")
            }
        }
        #expect(try text(hub.replica, "SELECT count(*) FROM satchel_handover_row") == "1", "that of k")
        for replica in [li, wang] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    /// Who is served nothing enters what is set aside, whatever table it is of.
    @Test func ofWhichUnknownTablesChangesAreSetAsideIsTold_ERA11_SCO34() throws {
        let client = "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL);"
        let (hub, all) = try world("-- satchel: version 1\n" + client, "li", "wang")
        try run(all[0], "INSERT INTO client VALUES ('k', 'K')")
        try sync(hub, all)
        try hub.setScope("clients", rules: ["client ALL"])
        try hub.grant("wang", scopes: [])
        try all[1].migrate(
            to: "-- satchel: version 2\n" + client + "CREATE TABLE need(id TEXT PRIMARY KEY, text TEXT);")
        try sync(hub, [all[1]])
        try run(all[1], "INSERT INTO need VALUES ('n', 'of K')")
        try sync(hub, [all[1]])
        #expect(try hub.outsideChanges().map(\.table) == ["need"])
        let report = try hub.erase(table: "client", key: key("k"), withReferences: true)
        #expect(report.unknownTables == ["need"])
    }
}
