import Foundation
import Satchel

/// Three columns of every client edited on two replicas, none of whom saw the other's, and exchanged both ways. Every
/// cell must be listed as a conflict, and both its values be readable.
struct ConflictRows {
    let bench: Bench
    private let exchange: RowKind

    /// The values of one side: three for each client, and its id.
    private typealias Edits = [[Field]]
    /// How many conflicts are read whole, the first by id, which is a hash; all are counted.
    private static let read = 200
    private static let update = "UPDATE client SET phone = ?, remark = ?, credit = ? WHERE id = ?"

    init(bench: Bench) {
        self.bench = bench
        let cells = bench.workload.clients.count * 3
        exchange = RowKind(
            name: "\(cells) cells edited on both sides, exchanged both ways", unit: "s",
            goal: .atMost((0.3 * Double(cells) / 30).rounded() / 1000))
    }

    func measure() throws -> [Measurement] {
        bench.tell("conflicts …")
        return try bench.measure { workload, repetitions, sheet in
            let (first, second) = (edits(of: workload, "甲", seed: 1), edits(of: workload, "乙", seed: 2))
            for repetition in 0..<repetitions {
                try plainSide(workload, first, second, &sheet)
                try sessionSide(workload, first, second, &sheet)
                try satchelSide(workload, first, second, checks: repetition == 0, &sheet)
            }
        }
    }

    private func edits(of workload: Workload, _ mark: String, seed: UInt64) -> Edits {
        var text = FieldText(seed: seed)
        return workload.clients.enumerated().map { index, client in
            // No value occurs twice, so that a value that is found is that one.
            [
                .text("L\(mark)\(index)-\(text.below(100_000_000))"), .text("\(mark)\(index)" + text.prose(60)),
                .integer(Int64(index * 2 + (seed == 1 ? 0 : 1))), client[0],
            ]
        }
    }

    /// No merge at all: each side's edits written once more into the other's file.
    private func plainSide(_ workload: Workload, _ first: Edits, _ second: Edits, _ sheet: inout Sheet) throws {
        let sides = try [("plain-a.db", first, second), ("plain-b.db", second, first)].map { name, own, other in
            let db = try bench.plain(name)
            workload.loadFiles(into: db)
            db.forEach(own[...], perTransaction: .max, Self.update)
            return (db, other)
        }
        let cost = bench.meter.cost {
            for (db, other) in sides { db.forEach(other[...], perTransaction: .max, Self.update) }
        }
        sheet.add(exchange, .plain, cost)
    }

    private func sessionSide(_ workload: Workload, _ first: Edits, _ second: Edits, _ sheet: inout Sheet) throws {
        let sides = try [("session-a.db", first), ("session-b.db", second)].map { name, edits in
            let db = try bench.plain(name)
            workload.loadFiles(into: db)
            let session = db.beginSession()
            db.forEach(edits[...], perTransaction: .max, Self.update)
            return (db, session)
        }
        let cost = bench.meter.cost {
            let changesets = sides.map { db, session in db.deflatedChangeset(session) }
            sides[0].0.apply(changesets[1])
            sides[1].0.apply(changesets[0])
        }
        sheet.add(exchange, .session, cost)
    }

    private func satchelSide(
        _ workload: Workload, _ first: Edits, _ second: Edits, checks: Bool, _ sheet: inout Sheet
    ) throws {
        let authority = Authority(schema: Workload.schema)
        let (a, b) = (try bench.replica("a", of: authority), try bench.replica("b", of: authority))
        workload.loadFiles(into: PlainSQLite(a.path, .full))
        let files = ["/have-a", "/have-b", "/to-a", "/to-b"].map { bench.folder + $0 }
        try b.have(to: files[1])
        try a.pack(for: files[1], to: files[3])
        try b.apply(files[3])
        PlainSQLite(a.path, .full).forEach(first[...], perTransaction: .max, Self.update)
        PlainSQLite(b.path, .full).forEach(second[...], perTransaction: .max, Self.update)
        let cost = try bench.meter.cost {
            try a.have(to: files[0])
            try b.have(to: files[1])
            try a.pack(for: files[1], to: files[3])
            try b.pack(for: files[0], to: files[2])
            try a.apply(files[2])
            try b.apply(files[3])
        }
        sheet.add(exchange, .satchel, cost)
        if checks { for replica in [a, b] { try checkThatAllIsReadable(replica, first, second) } }
        try a.close()
        try b.close()
        let db = PlainSQLite(a.path, .full)
        db.run("ATTACH '\(b.path)' AS other")
        try check(
            db.number("SELECT count(*) FROM (SELECT * FROM client EXCEPT SELECT * FROM other.client)") == 0,
            "both replicas show the same")
    }

    private func checkThatAllIsReadable(_ replica: Replica, _ first: Edits, _ second: Edits) throws {
        let page = try replica.conflicts(limit: Self.read)
        try check(
            page.conflicts.count + page.more == first.count * 3, "each cell that both edited is listed as a conflict")
        var written: [Field: Set<Field>] = [:]
        for row in first + second { for value in row[...2] { written[row[3], default: []].insert(value) } }
        for conflict in page.conflicts {
            let values = conflict.candidates.flatMap(\.values).compactMap { Field($0) }
            let own = conflict.key.values.first.flatMap { Field($0) }.flatMap { written[$0] } ?? []
            try check(
                Set(values).count == 2 && values.allSatisfy(own.contains), "both values of a conflict are readable")
        }
    }
}

extension Field {
    /// Nil for NULL and blobs, which the workload does not have.
    fileprivate init?(_ value: Value) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .real(let number): self = .real(number)
        case .text(let bytes): self = .text(Array(bytes))
        case .null, .blob: return nil
        }
    }
}
