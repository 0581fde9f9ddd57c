import Foundation
import Satchel

/// Packing all visits on one device and applying them on another that holds the clients, beside the plain bulk insert
/// of the same rows; and what the file of the second is then larger by.
struct ExchangeRows {
    let bench: Bench
    private let pack, bundle, apply, vacuumed, unvacuumed: RowKind

    init(bench: Bench) {
        self.bench = bench
        func goal(_ number: Double) -> Goal {
            .atMost((number * Double(bench.workload.visits.count) / 100).rounded() / 1000)
        }
        pack = RowKind(name: "pack visits (seal, deflate, sign)", unit: "s", goal: goal(1.5))
        bundle = RowKind(name: "size of that bundle", unit: "MB", goal: goal(14.5))
        apply = RowKind(
            name: "apply it (verify, inflate, merge) beside a bulk insert", unit: "s", goal: .ratio(2))
        vacuumed = RowKind(name: "file without the outbox, after VACUUM", unit: "MB", goal: .ratio(1.07))
        unvacuumed = RowKind(name: "file without the outbox, before VACUUM", unit: "MB", goal: .ratio(1.10))
    }

    func measure() throws -> [Measurement] {
        bench.tell("packing and applying …")
        return try bench.measure { workload, repetitions, sheet in
            sheet.open(pack, bundle, apply, vacuumed, unvacuumed)
            for _ in 0..<repetitions {
                let changeset = try plainSide(workload, &sheet)
                try sessionSide(workload, changeset, &sheet)
                try satchelSide(workload, &sheet)
            }
        }
    }

    /// Also records a session, outside what is timed: the bulk insert is run again for it, into another file.
    private func plainSide(_ workload: Workload, _ sheet: inout Sheet) throws -> (PlainSQLite, OpaquePointer?) {
        let db = try bench.plain("plain.db")
        workload.loadFiles(into: db)
        sheet.add(apply, .plain, bench.meter.cost { workload.loadVisits(into: db) })
        sheet.add(unvacuumed, .plain, Double(db.fileBytes) / 1e6)
        db.run("VACUUM")
        sheet.add(vacuumed, .plain, Double(db.fileBytes) / 1e6)

        let author = try bench.plain("author.db")
        workload.loadFiles(into: author)
        let session = author.beginSession()
        workload.loadVisits(into: author)
        return (author, session)
    }

    private func sessionSide(
        _ workload: Workload, _ recorded: (author: PlainSQLite, session: OpaquePointer?), _ sheet: inout Sheet
    ) throws {
        var changeset: DeflatedChangeset?
        let cost = bench.meter.cost { changeset = recorded.author.deflatedChangeset(recorded.session) }
        sheet.add(pack, .session, cost)
        guard let changeset else { return }
        sheet.add(bundle, .session, Double(changeset.bytes.count) / 1e6)
        let reader = try bench.plain("reader.db")
        workload.loadFiles(into: reader)
        sheet.add(apply, .session, bench.meter.cost { reader.apply(changeset) })
        try check(
            reader.number("SELECT count(*) FROM visit") == workload.visits.count, "a session brought all")
    }

    private func satchelSide(_ workload: Workload, _ sheet: inout Sheet) throws {
        let authority = Authority(schema: Workload.schema)
        let (author, reader) = (try bench.replica("a", of: authority), try bench.replica("b", of: authority))
        workload.loadFiles(into: PlainSQLite(author.path, .full))
        let (have, file) = (bench.folder + "/have", bench.folder + "/bundle")
        try reader.have(to: have)
        try author.pack(for: have, to: file)
        try reader.apply(file)
        workload.loadVisits(into: PlainSQLite(author.path, .full))
        try reader.have(to: have)
        sheet.add(pack, .satchel, try bench.meter.cost { try author.pack(for: have, to: file) })
        sheet.add(bundle, .satchel, try bench.size(file) / 1e6)
        sheet.add(apply, .satchel, try bench.meter.cost { try reader.apply(file) })
        try author.close()
        try reader.close()
        try weigh(PlainSQLite(reader.path, .full), workload, &sheet)
    }

    /// What is not yet receipted is kept whole: that outbox goes when the hub has it, and is told apart.
    private func weigh(_ db: PlainSQLite, _ workload: Workload, _ sheet: inout Sheet) throws {
        try check(db.number("SELECT count(*) FROM visit") == workload.visits.count, "all visits came")
        let whole = db.fileBytes
        let free = db.number("PRAGMA freelist_count")
        db.run("DELETE FROM satchel_changeset")
        let outbox = (db.number("PRAGMA freelist_count") - free) * db.number("PRAGMA page_size")
        sheet.add(unvacuumed, .satchel, Double(whole - outbox) / 1e6)
        sheet.note(unvacuumed, String(format: "the outbox apart: %.1f MB", Double(outbox) / 1e6))
        db.run("VACUUM")
        sheet.add(vacuumed, .satchel, Double(db.fileBytes) / 1e6)
    }
}
