import Satchel

/// A new device that takes everything from the hub's snapshot, beside the plain bulk insert of the same rows.
struct FreshRows {
    let bench: Bench
    private let take: RowKind

    init(bench: Bench) {
        self.bench = bench
        let workload = bench.workload
        let rows = workload.clients.count + workload.contacts.count + workload.visits.count
        take = RowKind(name: "fresh device takes \(rows) rows from the hub's snapshot", unit: "s", goal: .ratio(3))
    }

    func measure() throws -> [Measurement] {
        bench.tell("a fresh device …")
        return try bench.measure { workload, repetitions, sheet in
            let station = try Station(workload, bench: bench)
            let changeset = try recorded(workload)
            var packing: [Double] = []
            for repetition in 0..<repetitions {
                let plain = try bench.plain("plain.db")
                sheet.add(take, .plain, bench.meter.cost { load(workload, into: plain) })

                let reader = try bench.plain("reader.db")
                sheet.add(take, .session, bench.meter.cost { reader.apply(changeset) })

                let device = try station.device("fresh-\(repetition)")
                let path = bench.folder + "/snapshot"
                packing.append(try bench.meter.seconds { try station.hub.pack(for: device.name, to: path) })
                sheet.add(take, .satchel, try bench.meter.cost { try device.apply(path) })
                try check(
                    PlainSQLite(device.path, .full).number("SELECT count(*) FROM visit") == workload.visits.count,
                    "the snapshot brought all visits")
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
