import Foundation
import Satchel

/// What an open replica and its hub do when there is next to nothing to do, however much they hold. Work of the
/// processor: what the disk takes to answer is no part of it.
struct SmallRows {
    let bench: Bench
    private let meter = Meter(countsProcessorTime: true)

    private static func kind(_ name: String) -> RowKind {
        RowKind(name: name, unit: "cpu ms", goal: .atMost(1), growth: .independent)
    }
    private let nothing = kind("nothing new: the device meets an empty folder")
    private let nothingAtHub = kind("nothing new: the hub meets it")
    private let pack = kind("10 changes: the device seals and packs them")
    private let merge = kind("10 changes: the hub merges them")
    private let reply = kind("10 changes: the hub packs them for another device")
    private let apply = kind("10 changes: that device applies them")

    func measure() throws -> [Measurement] {
        bench.tell("nothing new, and ten changes …")
        return try bench.measure { workload, repetitions, sheet in
            sheet.open(nothing, nothingAtHub, pack, merge, reply, apply)
            let rounds = repetitions * 8
            try plainSide(workload, rounds, &sheet)
            try satchelSide(workload, rounds, &sheet)
        }
    }

    private func ten(_ round: Int, of workload: Workload) -> ArraySlice<(column: String, values: [Field])> {
        let start = round * 10 % max(1, workload.updates.count - 10)
        return workload.updates[start..<(start + 10)]
    }

    private func write(_ round: Int, of workload: Workload, into db: PlainSQLite) {
        db.begin()
        for update in ten(round, of: workload) { db.once(Workload.update(update.column), update.values) }
        db.commit()
    }

    /// Plain SQLite writing the ten once more, and a session's changeset of them.
    private func plainSide(_ workload: Workload, _ rounds: Int, _ sheet: inout Sheet) throws {
        let (author, reader) = (try bench.plain("author.db"), try bench.plain("reader.db"))
        for db in [author, reader] {
            workload.loadFiles(into: db)
            workload.loadVisits(into: db)
        }
        for round in 0..<rounds {
            let session = author.beginSession()
            write(round, of: workload, into: author)
            var changeset: DeflatedChangeset?
            sheet.add(
                pack, .session, 1000 * meter.seconds { changeset = author.deflatedChangeset(session) })
            guard let changeset else { continue }
            sheet.add(apply, .session, 1000 * meter.seconds { reader.apply(changeset) })
        }
        for round in rounds..<(2 * rounds) {
            sheet.add(
                apply, .plain, 1000 * meter.seconds { write(round, of: workload, into: reader) })
        }
    }

    private func satchelSide(_ workload: Workload, _ rounds: Int, _ sheet: inout Sheet) throws {
        let station = try Station(workload, bench: bench)
        let (a, b) = (try station.device("a"), try station.device("b"))
        let (up, down) = (bench.folder + "/up", bench.folder + "/down")
        for device in [a, b] {
            try station.serve(device)
            // Tells the hub that it has everything, so that the next reply holds what is new alone.
            try device.pack(to: up)
            _ = try station.hub.merge([up])
            try station.serve(device)
        }
        let editor = PlainSQLite(a.path, .normal)
        // The memory of a step is read in a round of its own: that begins with giving back all that is free, and a step pays
        // for getting it again.
        var isWeighed = false
        func ms(_ kind: RowKind, _ step: () throws -> Void) throws {
            if isWeighed {
                sheet.add(kind, mebibytes: try meter.cost(of: step).mebibytes)
            } else {
                sheet.add(kind, .satchel, 1000 * (try meter.seconds(step)))
            }
        }
        for round in 0..<rounds {
            isWeighed = round % 8 == 0
            write(round, of: workload, into: editor)
            try ms(pack) { try a.pack(to: up) }
            try ms(merge) {
                let report = try station.hub.merge([up])
                try check(report.merged.allSatisfy { $0.outcome == .applied }, "the hub takes ten changes")
            }
            try ms(reply) { try station.hub.pack(for: "b", to: down) }
            try ms(apply) { try b.apply(down) }
            try b.pack(to: up)
            _ = try station.hub.merge([up])
            try station.serve(a)
        }
        let folder = try bench.freshFolder("stick")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for _ in 0..<4 {
            for device in [a, b] { try device.sync(folder: folder) }
            try station.hub.sync(folder: folder)
        }
        for round in 0..<rounds {
            isWeighed = round % 8 == 0
            try ms(nothing) { try check(try a.sync(folder: folder).sent == nil, "the device has nothing to send") }
            try ms(nothingAtHub) {
                try check(try station.hub.sync(folder: folder).replies.isEmpty, "the hub has nothing to send")
            }
        }
        for device in [a, b] { try device.close() }
        try station.hub.close()
    }
}
