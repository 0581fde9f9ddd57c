import Foundation
import Satchel
import SatchelHub

/// A hub that takes in field workers' days, at three sizes of its store, beside plain SQLite that writes the same rows
/// into a file of the same size and does nothing else.
struct HubRows {
    let bench: Bench
    private let day: RowKind
    private let accept: RowKind
    private let merge: RowKind
    /// Days that come in one rush.
    private static let lot = 64
    /// Of them in one commit of plain SQLite, where the row is about groups.
    private static let group = 16

    init(bench: Bench) {
        self.bench = bench
        let store = bench.options.hubRows
        day = RowKind(
            name: "a field worker's day as a bundle (20 visits, 200 edits on 20 clients)", unit: "KB",
            goal: .atMost(12), growth: .independent)
        accept = RowKind(
            name: "hub of \(store) rows: day bundles accepted, a durable receipt each; plain: written, a commit each",
            unit: "/s", goal: .atLeast(1000), growth: .independent)
        merge = RowKind(
            name: "hub of \(store) rows: accepted day bundles merged; plain: written, \(Self.group) in a commit",
            unit: "/s", goal: .atLeast(250), growth: .independent)
    }

    func measure() throws -> [Measurement] {
        let known = bench.options.quick ? 1000 : 10_000
        let repetitions = [4, 2, 1].map {
            ($0, $0 == 1 ? bench.options.repetitions : (bench.options.repetitions + 1) / 2)
        }
        let count = repetitions.map(\.1).reduce(0, +) * Self.lot
        bench.tell("hub: enrolling \(known) devices, playing \(count) days …")
        let hub = try Hub.create(at: try bench.freshFolder("hub"), schema: Workload.schema)
        let devices = try FieldDevices(hub, known: known, count: count, bench: bench)
        bench.tell(String(format: "… enrolled in %.1f s, played in %.1f s", devices.enrolling, devices.playing))

        let plain = try bench.plain("plain.db")
        for day in devices.days { plain.forEach(day.clients[...], perTransaction: .max, Workload.clientInsert) }
        let own = PlainSQLite(hub.replica.path, .normal)
        var filling = StoreFilling(bench.workload, held: devices.days.count * 20)
        var next = 0
        var sheets: [(size: Double, sheet: Sheet)] = []
        for (part, repetitions) in repetitions {
            bench.tell("hub: filling the store to \(bench.options.hubRows / part) rows …")
            try filling.fill(to: bench.options.hubRows / part) { rows in
                for db in [plain, own] { db.forEach(rows, perTransaction: .max, Workload.visitInsert) }
                try hub.replica.seal()
            }
            var sheet = Sheet()
            for path in devices.bundles { sheet.add(day, .satchel, try bench.size(path) / 1000) }
            sheet.note(day, "\(known) devices known to the hub, \(count) of them have written")
            for _ in 0..<repetitions {
                let lot = next..<(next + Self.lot)
                next += Self.lot
                plainSide(devices.days[lot].map(\.net), plain, &sheet)
                try satchelSide(Array(devices.bundles[lot]), hub, &sheet)
            }
            sheets.append((Double(bench.options.hubRows / part), sheet))
        }
        try hub.close()
        return Bench.rows(of: sheets)
    }

    /// Half of the days with a commit each, the others in groups.
    private func plainSide(_ days: [[Day.Write]], _ plain: PlainSQLite, _ sheet: inout Sheet) {
        let half = days.count / 2
        let single = bench.meter.seconds { for day in days.prefix(half) { write([day], into: plain) } }
        sheet.add(accept, .plain, Double(half) / single)
        let grouped = bench.meter.seconds {
            for start in stride(from: half, to: days.count, by: Self.group) {
                write(Array(days[start..<min(start + Self.group, days.count)]), into: plain)
            }
        }
        sheet.add(merge, .plain, Double(days.count - half) / grouped)
    }

    private func satchelSide(_ bundles: [String], _ hub: Hub, _ sheet: inout Sheet) throws {
        let arrivals = bundles.map { Hub.Arrival.file($0) }
        var answers: [Hub.Acceptance] = []
        let accepting = try bench.meter.cost { answers = try hub.accept(arrivals) }
        let isAccepted = answers.map { answer in
            if case .accepted = answer { true } else { false }
        }
        try check(isAccepted.allSatisfy(\.self), "the hub accepts every day")
        sheet.add(accept, .satchel, Double(bundles.count) / accepting.seconds, mebibytes: accepting.mebibytes)
        sheet.note(accept, "\(Self.lot) in one call")
        var report: MergeReport?
        let merging = try bench.meter.cost { report = try hub.mergeAccepted() }
        try report.map { try checkMerged($0, bundles.count) }
        sheet.add(merge, .satchel, Double(bundles.count) / merging.seconds, mebibytes: merging.mebibytes)
        sheet.note(merge, "the next goal is 400")
    }

    private func write(_ days: [[Day.Write]], into db: PlainSQLite) {
        db.begin()
        for day in days { for write in day { db.once(write.sql, write.values) } }
        db.commit()
    }

    private func checkMerged(_ report: MergeReport, _ count: Int) throws {
        try check(
            report.merged.count == count && report.merged.allSatisfy { $0.outcome == .applied }
                && report.failures.isEmpty, "the hub takes every day: \(report.merged.flatMap(\.reasons))")
    }
}

/// Visits to fill a store with, as many as are wanted: those of the workload again and again, with new ids.
private struct StoreFilling {
    private let visits: [[Field]]
    private var text = FieldText(seed: 20_240_603)
    private var held: Int
    private var next = 0

    /// - Parameter held: rows that the store holds already.
    init(_ workload: Workload, held: Int) {
        visits = workload.visits
        self.held = held
    }

    /// Calls `insert` with some thousands of rows at a time until the store holds `total`.
    mutating func fill(to total: Int, _ insert: (ArraySlice<[Field]>) throws -> Void) throws {
        while held < total {
            var rows: [[Field]] = []
            while held < total, rows.count < 20_000 {
                var row = visits[next % visits.count]
                row[0] = text.uuid()
                rows.append(row)
                next += 1
                held += 1
            }
            try insert(rows[...])
        }
    }
}
