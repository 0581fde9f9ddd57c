import Satchel

/// Writes by a program that knows nothing of Satchel, into a plain file, into one with a log of sessions, and into a
/// replica, whose triggers capture them. Sealing is counted as packing.
///
/// With synchronous=FULL a commit waits for the disk, which says more of the disk than of us: a fifth of the rows.
struct WriteRows {
    let bench: Bench

    private struct Work {
        let kind: RowKind
        let run: (PlainSQLite) -> Void
    }

    func measure() throws -> [Measurement] {
        try PlainSQLite.Synchronous.allCases.flatMap { synchronous in
            bench.tell("writes, synchronous=\(synchronous.rawValue) …")
            return try bench.measure(growth: synchronous == .normal) { workload, repetitions, sheet in
                let workload = synchronous == .full ? workload.part(5) : workload
                let works = works(workload, synchronous)
                if synchronous == .full { for work in works { sheet.note(work.kind, "a fifth of the rows") } }
                for repetition in 0..<repetitions {
                    // Each is first, second and last by turns, so that none profits from a warm disk.
                    for turn in Side.allCases.indices {
                        let side = Side.allCases[(turn + repetition) % Side.allCases.count]
                        let db = try file(side, synchronous)
                        workload.loadFiles(into: db)
                        for work in works {
                            // Each step starts with an empty write-ahead log, whatever the one before left in it.
                            db.run("PRAGMA wal_checkpoint(TRUNCATE)")
                            sheet.add(work.kind, side, bench.meter.cost { work.run(db) })
                        }
                    }
                }
            }
        }
    }

    private func works(_ workload: Workload, _ synchronous: PlainSQLite.Synchronous) -> [Work] {
        let single = workload.visits.count / (synchronous == .full ? 20 : 5)
        let wholeRows = workload.wholeRows
        func work(_ name: String, _ goal: Double, _ run: @escaping (PlainSQLite) -> Void) -> Work {
            Work(kind: RowKind(name: "\(name), \(synchronous.rawValue)", unit: "s", goal: .ratio(goal)), run: run)
        }
        return [
            work("insert visits, 100 per transaction", 1.2) {
                $0.forEach(workload.visits.dropFirst(single), perTransaction: 100, Workload.visitInsert)
            },
            work("insert visits, one per transaction", 1.4) {
                $0.forEach(workload.visits.prefix(single), perTransaction: 1, Workload.visitInsert)
            },
            work("single-column updates, 100 per transaction", 1.2) { db in
                for start in stride(from: 0, to: workload.updates.count, by: 100) {
                    db.begin()
                    for update in workload.updates[start..<min(start + 100, workload.updates.count)] {
                        db.once(Workload.update(update.column), update.values)
                    }
                    db.commit()
                }
            },
            work("whole-row updates that change one column", 1.7) {
                $0.forEach(wholeRows[...], perTransaction: 100, Workload.wholeRowUpdate)
            },
        ]
    }

    private func file(_ side: Side, _ synchronous: PlainSQLite.Synchronous) throws -> PlainSQLite {
        let path = try bench.fresh("writes.db")
        switch side {
        case .plain, .session: PlainSQLite(path, .full).run(Workload.schema)
        case .satchel:
            let authority = Authority(schema: Workload.schema)
            try Replica.create(at: path, enrolment: authority.enrol(name: "a", displayName: "a")).close()
        }
        guard side == .session else { return PlainSQLite(path, synchronous) }
        PlainSQLite(path, .full).run(PlainSQLite.sessionLog)
        return PlainSQLite(path, synchronous, logsSessions: true)
    }
}
