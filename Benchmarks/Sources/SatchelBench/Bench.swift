import Foundation
import Satchel
import SatchelHub

/// What is measured, each time on fresh files.
struct Bench {
    let workload: Workload
    let folder: String
    let repetitions: Int

    /// Writes by a program that knows nothing of Satchel, into a plain file and into a replica.
    func writes(_ synchronous: PlainSQLite.Synchronous) throws -> [Measurement] {
        var times: [String: (plain: [Double], satchel: [Double])] = [:]
        for repetition in 0..<repetitions {
            // By turns first and second, so that neither profits from a warm disk.
            let order = repetition % 2 == 0 ? [true, false] : [false, true]
            for plain in order {
                let path = try fresh(plain: plain)
                for (name, time) in writeAll(PlainSQLite(path, synchronous)) {
                    if plain {
                        times[name, default: ([], [])].plain.append(time)
                    } else {
                        times[name, default: ([], [])].satchel.append(time)
                    }
                }
            }
        }
        let goals = [
            ("insert visits, 100 per transaction", 1.2), ("insert visits, one per transaction", 1.4),
            ("single-column updates, 100 per transaction", 1.2), ("whole-row updates that change one column", 1.7),
        ]
        return goals.compactMap { name, goal in
            times[name].map {
                Measurement(
                    "\(name), \(synchronous.rawValue)", unit: "s", plain: $0.plain, value: $0.satchel, goal: goal)
            }
        }
    }

    private func writeAll(_ db: PlainSQLite) -> [(String, Double)] {
        db.forEach(workload.clients[...], perTransaction: 1000, Workload.clientInsert)
        db.forEach(workload.contacts[...], perTransaction: 1000, Workload.contactInsert)
        let single = workload.visits.count / 5
        return [
            (
                "insert visits, 100 per transaction",
                seconds { db.forEach(workload.visits.dropFirst(single), perTransaction: 100, Workload.visitInsert) }
            ),
            (
                "insert visits, one per transaction",
                seconds { db.forEach(workload.visits.prefix(single), perTransaction: 1, Workload.visitInsert) }
            ),
            ("single-column updates, 100 per transaction", seconds { updateColumns(db) }),
            (
                "whole-row updates that change one column",
                seconds { db.forEach(wholeRows[...], perTransaction: 100, Self.wholeRowUpdate) }
            ),
        ]
    }

    private func updateColumns(_ db: PlainSQLite) {
        for start in stride(from: 0, to: workload.updates.count, by: 100) {
            db.run("BEGIN IMMEDIATE")
            for update in workload.updates[start..<min(start + 100, workload.updates.count)] {
                db.once("UPDATE client SET \(update.column) = ? WHERE id = ?", update.values)
            }
            db.run("COMMIT")
        }
    }

    private static let wholeRowUpdate =
        "UPDATE contact SET client_id = ?, name = ?, title = ?, mobile = ?, email = ?, is_primary = ?, note = ? WHERE id = ?"

    private var wholeRows: [[Field]] {
        workload.contacts.map { row in Array(row[1...6]) + [.text("改"), row[0]] }
    }

    /// Pack on one device, apply on another that holds the clients, beside the plain bulk insert of the same rows.
    func exchange() throws -> [Measurement] {
        var bulk: [Double] = []
        var pack: [Double] = []
        var bytes: [Double] = []
        var apply: [Double] = []
        var size: [Double] = []
        var plainSize: [Double] = []
        for _ in 0..<repetitions {
            let plain = try fresh(plain: true)
            let plainDB = PlainSQLite(plain, .full)
            load(plainDB)
            bulk.append(seconds { plainDB.forEach(workload.visits[...], perTransaction: .max, Workload.visitInsert) })
            plainDB.run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            plainSize.append(fileMegabytes(plain))

            let authority = Authority(schema: Workload.schema)
            let (a, b) = (folder + "/a.db", folder + "/b.db")
            try remove(a, b)
            let author = try Replica.create(at: a, enrolment: authority.enrol(name: "a", displayName: "a"))
            let reader = try Replica.create(at: b, enrolment: authority.enrol(name: "b", displayName: "b"))
            load(PlainSQLite(a, .full))
            try pass(from: author, to: reader)
            PlainSQLite(a, .full).forEach(workload.visits[...], perTransaction: .max, Workload.visitInsert)
            let (have, bundle) = (folder + "/have", folder + "/bundle")
            try reader.have(to: have)
            pack.append(try seconds { try author.pack(for: have, to: bundle) })
            bytes.append(fileMegabytes(bundle))
            apply.append(try seconds { try reader.apply(bundle) })
            precondition(PlainSQLite(b, .full).number("SELECT count(*) FROM visit") == workload.visits.count)
            try author.close()
            try reader.close()
            let db = PlainSQLite(b, .full)
            // The outbox apart: what is not yet receipted is kept whole, and printed on its own.
            db.run("DELETE FROM satchel_changeset; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            size.append(fileMegabytes(b))
        }
        let share = Double(workload.visits.count) / 100_000
        return [
            Measurement("pack visits (seal, deflate, sign)", unit: "s", plain: [], value: pack, goal: 1.5 * share),
            Measurement("size of that bundle", unit: "MB", plain: [], value: bytes, goal: 14.5 * share),
            Measurement(
                "apply it (verify, inflate, merge) beside a bulk insert", unit: "s", plain: bulk, value: apply, goal: 2),
            Measurement("file without the outbox, after VACUUM", unit: "MB", plain: plainSize, value: size, goal: 1.07),
        ]
    }

    private func load(_ db: PlainSQLite) {
        db.forEach(workload.clients[...], perTransaction: .max, Workload.clientInsert)
        db.forEach(workload.contacts[...], perTransaction: .max, Workload.contactInsert)
    }

    private func pass(from author: Replica, to reader: Replica) throws {
        let (have, bundle) = (folder + "/have", folder + "/bundle")
        try reader.have(to: have)
        try author.pack(for: have, to: bundle)
        try reader.apply(bundle)
    }

    private func fresh(plain: Bool) throws -> String {
        let path = folder + (plain ? "/plain.db" : "/replica.db")
        try remove(path)
        if plain {
            PlainSQLite(path, .full).run(Workload.schema)
        } else {
            let authority = Authority(schema: Workload.schema)
            try Replica.create(at: path, enrolment: authority.enrol(name: "a", displayName: "a")).close()
        }
        return path
    }

    private func remove(_ paths: String...) throws {
        for path in paths.flatMap({ [$0, $0 + "-wal", $0 + "-shm"] }) where FileManager.default.fileExists(atPath: path)
        {
            try FileManager.default.removeItem(atPath: path)
        }
    }
}
