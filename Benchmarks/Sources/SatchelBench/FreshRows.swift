import Satchel

/// A new device that takes everything from the hub's snapshot, beside the plain bulk insert of the same rows.
struct FreshRows {
    let bench: Bench
    private let take: RowKind
    /// The hub does not know that a device has the snapshot until it comes again: its next reply holds everything.
    private let again: RowKind

    init(bench: Bench) {
        self.bench = bench
        let workload = bench.workload
        let rows = workload.clients.count + workload.contacts.count + workload.visits.count
        take = RowKind(name: "fresh device takes \(rows) rows from the hub's snapshot", unit: "s", goal: .ratio(3))
        again = RowKind(
            name: "it takes them again with one change, before the hub was told of the first", unit: "s",
            goal: .ratio(3))
    }

    func measure() throws -> [Measurement] {
        bench.tell("a fresh device …")
        return try bench.measure { workload, repetitions, sheet in
            let station = try Station(workload, bench: bench)
            let changeset = try recorded(workload)
            var packing: [Double] = []
            for repetition in 0..<repetitions {
                let plain = try bench.plain("plain.db")
                let bulk = bench.meter.cost { load(workload, into: plain) }
                for kind in [take, again] { sheet.add(kind, .plain, bulk) }

                let reader = try bench.plain("reader.db")
                sheet.add(take, .session, bench.meter.cost { reader.apply(changeset) })

                let device = try station.device("fresh-\(repetition)")
                let path = bench.folder + "/snapshot"
                packing.append(try bench.meter.seconds { try station.hub.pack(for: device.name, to: path) })
                sheet.add(take, .satchel, try bench.meter.cost { try device.apply(path) })
                try check(
                    PlainSQLite(device.path, .full).number("SELECT count(*) FROM visit") == workload.visits.count,
                    "the snapshot brought all visits")
                let change = workload.updates[repetition]
                PlainSQLite(station.hub.replica.path, .normal).once(Workload.update(change.column), change.values)
                try station.hub.pack(for: device.name, to: path)
                sheet.add(again, .satchel, try bench.meter.cost { try device.apply(path) })
                try device.close()
                let words = String(
                    format: "%.2f s to write it, %.1f MB", median(packing) ?? 0, try bench.size(path) / 1e6)
                sheet.note(take, "the hub needs " + words)
            }
            try station.hub.close()
        }
    }

    private func load(_ workload: Workload, into db: PlainSQLite) {
        workload.loadFiles(into: db)
        workload.loadVisits(into: db)
    }

    private func recorded(_ workload: Workload) throws -> DeflatedChangeset {
        let author = try bench.plain("author.db")
        let session = author.beginSession()
        load(workload, into: author)
        return author.deflatedChangeset(session)
    }
}
