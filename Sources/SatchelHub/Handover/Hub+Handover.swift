public import Satchel
internal import SatchelModel
internal import SatchelStore

extension Hub {
    /// Hands all scopes of one device over to another: the grants move, and where both find rows by the same column, the
    /// successor's value is written (SCO-24). Done entirely or not at all. Doing it again takes in what came late, and what
    /// the successor wrote to these rows before. O(rows of both).
    public func handOver(from former: String, to successor: String, actor: String = "") throws -> HandoverReport {
        try replica.withEngine { engine in
            try engine.transaction { try handOver(from: former, to: successor, actor: actor, engine) }
        }
    }

    private func handOver(
        from former: String, to successor: String, actor: String, _ engine: Engine
    ) throws -> HandoverReport {
        var report = try plan(from: former, to: successor, engine)
        try refuseIfNothing(report)
        try refuseIfShutOut(successor, engine)
        // What others wrote before is theirs: this seals it.
        let before = try counts(former, successor, engine)
        let book = ScopeBook(engine.store)
        let rows = try shownRows(report.scopes.map { try book.id(of: $0) }, engine)
        try putSuccessor(&report, engine)
        try engine.seal(actor: actor, note: "handover from \(former) to \(successor)")
        // Else it was done before, and nothing came late.
        if try !book.granted(former).isEmpty || report.owners.contains(where: { $0.rows > 0 }) {
            let served = try Set(book.granted(successor) + book.granted(former)).map { try book.name(of: $0) }
            try grant(successor, scopes: served.sorted(), engine)
            try grant(former, scopes: [], engine)
            try act("handover from \(former) to \(successor)", engine)
            try note(report, rows, engine)
        }
        report.takenIn = try ScopeAdmission(engine).takeIn(of: successor)
        let after = try counts(former, successor, engine)
        report.counts = after.keys.sorted().map { table in
            HandoverReport.Count(
                table: table, formerBefore: before[table]?.former ?? 0, formerAfter: after[table]?.former ?? 0,
                successorBefore: before[table]?.successor ?? 0, successorAfter: after[table]?.successor ?? 0)
        }
        report.checklist = try checklist(report, engine)
        return report
    }

    private func refuseIfNothing(_ report: HandoverReport) throws {
        guard report.scopes.isEmpty else { return }
        throw UsageError(
            "\(report.former) has nothing to hand over to \(report.successor)", try: "look at what it is granted")
    }

    private func note(_ report: HandoverReport, _ rows: [HeldRowName], _ engine: Engine) throws {
        let book = ScopeBook(engine.store)
        try engine.store.db.statement(
            "INSERT INTO satchel_handover(position, former, successor, at, scopes) VALUES (?, ?, ?, ?, ?)"
        ).bind(1, Int64(bitPattern: engine.position)).bind(2, report.former).bind(3, report.successor)
            .bind(4, engine.clock.now().milliseconds)
            .bind(5, report.scopes.map { try String(book.id(of: $0)) }.joined(separator: ",")).run()
        let note = try engine.store.db.statement(
            "INSERT OR IGNORE INTO satchel_handover_row(former, successor, h) VALUES (?, ?, ?)")
        for row in rows {
            try note.bind(1, report.former).bind(2, report.successor)
                .bind(3, engine.store.rowHash(row.table, row.key)).run()
        }
    }

    /// How a handover stands, or what it would be: changes nothing (SCO-25).
    public func checkHandOver(from former: String, to successor: String) throws -> HandoverReport {
        try replica.withEngine { engine in
            try engine.transaction {
                var report = try plan(from: former, to: successor, engine)
                if try handedOver(former, successor, engine).position == nil { try refuseIfNothing(report) }
                report.counts = try counts(former, successor, engine).sorted { $0.key < $1.key }.map { table, count in
                    HandoverReport.Count(
                        table: table, formerBefore: count.former, formerAfter: count.former,
                        successorBefore: count.successor, successorAfter: count.successor)
                }
                report = try rehearsed(report, engine)
                report.checklist = try checklist(report, engine)
                return report
            }
        }
    }

    /// What moves: what the former device is granted, and what it handed to this successor before and is still theirs.
    private func plan(from former: String, to successor: String, _ engine: Engine) throws -> HandoverReport {
        let registry = Registry(engine.store)
        for name in [former, successor] { _ = try registry.device(named: name) }
        let book = ScopeBook(engine.store)
        let (granted, served) = (try book.granted(former), try Set(book.granted(successor)))
        guard former != successor, !granted.contains(ScopeBook.all) else {
            throw UsageError(
                former == successor
                    ? "a device hands nothing over to itself" : "\(former) is served everything",
                try: "grant it scopes, and name another device as the successor")
        }
        if !granted.isEmpty { try refuseIfShutOut(successor, engine) }
        let earlier = try handedOver(former, successor, engine).scopes.filter {
            served.contains($0) || served.contains(ScopeBook.all)
        }
        let moving = Set(granted + earlier)
        let definitions = try book.scopes()
        var report = HandoverReport(former: former, successor: successor)
        report.scopes = definitions.filter { moving.contains($0.id) }.map(\.definition.name).sorted()
        func definitionsOf(_ scopes: Set<Int64>) -> [ScopeDefinition] {
            definitions.filter { scopes.contains($0.id) }.map(\.definition)
        }
        let own = try ownScopes(of: successor, served: served, beside: moving, engine)
        try findOwners(&report, of: definitionsOf(moving), by: own.map(definitionsOf), engine)
        return report
    }

    /// By what the successor's own value is found, in this order: what it is served and took over from nobody, beside what
    /// moves; what moves too, but that it had before; and what it handed over once and now gets back.
    private func ownScopes(
        of successor: String, served: Set<Int64>, beside moving: Set<Int64>, _ engine: Engine
    ) throws -> [Set<Int64>] {
        let select = try engine.store.db.statement(
            "SELECT former = ?1, scopes FROM satchel_handover WHERE ?1 IN (former, successor) ORDER BY position")
        select.bind(1, successor)
        var given: Set<Int64> = []
        var taken: Set<Int64> = []
        while try select.step() {
            let scopes = Set(select.string(1).split(separator: ",").compactMap { Int64($0) })
            if select.integer(0) == 1 {
                given.formUnion(scopes.subtracting(taken))
            } else {
                taken.formUnion(scopes.subtracting(given))
            }
        }
        return [
            served.subtracting(moving).subtracting(taken),
            served.subtracting(try ScopeBook(engine.store).takenOver(successor)), moving.intersection(given),
        ]
    }

    func handedOver(
        _ former: String, _ successor: String, _ engine: Engine
    ) throws -> (position: UInt64?, scopes: [Int64]) {
        let select = try engine.store.db.statement(
            "SELECT position, scopes FROM satchel_handover WHERE former = ? AND successor = ? ORDER BY position")
        select.bind(1, former).bind(2, successor)
        var position: UInt64?
        var scopes: Set<Int64> = []
        while try select.step() {
            position = UInt64(bitPattern: select.integer(0))
            scopes.formUnion(select.string(1).split(separator: ",").compactMap { Int64($0) })
        }
        return (position, scopes.sorted())
    }
}
