internal import Foundation
internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelStore

/// What must be so of a fleet at the end, whatever happened.
extension FleetScript {
    func judge() throws {
        let honest = devices.filter { !revoked.contains($0.name) }
        for (name, replica) in honest {
            let status = try replica.status()
            try require(status.isAllAtHub, "\(name) has unsent work")
            try require(status.parked.isEmpty, "\(name) has parked")
            try require(
                try replica.digest() == hub.digest(for: name),
                "\(name) holds something else than the hub for it: \(try held(replica)), the hub \(try held(hub.replica))"
            )
        }
        for (name, replica) in honest.map({ ($0.name, $0.replica) }) + [("the hub", hub.replica)] {
            try require(try replica.doctor().faults.isEmpty, "\(name) is not whole: \(try replica.doctor().faults)")
            let dangling = try replica.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
            try require(dangling.isEmpty, "\(name) shows rows that refer to nothing: \(dangling)")
        }
        try require(try hub.verify().faults.isEmpty, "the hub is not whole")
        try judgeLosses()
        if stage.seed >= Self.withEmptyUnits { try judgeEmptyUnits() }
        for (name, replica) in honest { try judgeScopes(name, replica) }
        try judgeNewcomers(honest.map(\.name))
    }

    /// The hub has every text in some row's state, or in a change that has no effect yet, unless it is spent.
    private func judgeLosses() throws {
        let kept = try keptAtHub()
        let whole = reach(of: erased)
        // An order names rows by their keys: who entered another visit under one of them entered that.
        let visits = Set(texts.filter { !$0.clients.isDisjoint(with: whole) }.map(\.id))
        for text in texts where !text.isSpent && text.author != "hub" && !revoked.contains(text.author) {
            if whole.contains(text.id) || visits.contains(text.id) { continue }
            try require(
                kept.contains(text.text), "\(text.text) of \(text.author), in \(text.table) \(text.id), is lost")
        }
    }

    /// From here on it is looked whether what has no effect left anything empty.
    private static let withEmptyUnits: UInt64 = 12_600_001

    /// REV-2, EXC-44: what an honest device wrote is there, or something that was written over it, whoever was shut out. Where the hub wrote
    /// too, or whoever was shut out more than once, what stood between may be lost with a hub.
    private func judgeEmptyUnits() throws {
        let (whole, kept) = (reach(of: erased), try keptAtHub())
        var written: [HeldRowName: [FleetText]] = [:]
        try hub.replica.withEngine { engine in
            for text in texts {
                guard let layout = engine.store.layout(named: text.table) else { continue }
                written[HeldRowName(table: layout.id, key: RowKey([.text(text.id)])), default: []].append(text)
            }
            for (row, texts) in written.sorted(by: { $0.key < $1.key }) {
                let shutOut = texts.filter { revoked.contains($0.author) }.count
                let isErased = texts.contains { whole.contains($0.id) || !$0.clients.isDisjoint(with: whole) }
                // What is set aside may be let in.
                if texts.contains(where: { kept.contains($0.text) }) { continue }
                if isErased || shutOut > 1 || shutOut == texts.count || texts.contains(where: { $0.author == "hub" }) {
                    continue
                }
                let state = try engine.store.load(table: row.table, key: row.key).state
                let column = texts[0].table == "client" ? "name" : "note"
                guard !state[RowState.existence].isEmpty, let unit = engine.store.layout(row.table)?.unitID(column)
                else {
                    continue
                }
                try require(
                    !state[unit].isEmpty,
                    "\(texts[0].table) \(texts[0].id) has no \(column) any more, of \(texts.map(\.text))")
            }
        }
    }

    /// SCO-3, SCO-4: each client that shows what a rule asks for is there, and one that nothing refers to is there for no other
    /// reason.
    private func judgeScopes(_ name: String, _ replica: Replica) throws {
        let granted = try hub.granted(name)
        if granted.contains("all") { return }
        let rules = try hub.scopes().filter { granted.contains($0.name) }.flatMap(\.rules).map { try ScopeRule($0) }
        let asked = rules.filter { $0.table == "client" }.compactMap { rule -> String? in
            switch rule.kind {
            case .by(let column, let value): "\(column) = \(value.sqlLiteral)"
            case .condition(let sql): sql
            case .all, .within: nil
            }
        }
        let condition = asked.isEmpty ? "0" : asked.map { "ifnull(\($0), 0)" }.joined(separator: " OR ")
        func clients(_ of: Replica, _ condition: String) throws -> Set<String> {
            try of.read { Set(try String.fetchAll($0, sql: "SELECT id FROM client WHERE \(condition)")) }
        }
        let due = try clients(hub.replica, condition)
        let shown = try clients(replica, "1")
        try require(due.isSubset(of: shown), "\(name) lacks \(due.subtracting(shown).sorted()) of its scopes")
        let referred = connected.reduce(into: Set<String>()) { $0.formUnion($1) }.union(
            texts.filter { $0.table == "visit" }.flatMap(\.clients))
        let others = shown.subtracting(due).subtracting(referred)
        try require(others.isEmpty, "\(name) shows \(others.sorted()), which none of its scopes holds")
    }

    /// All clients that something ever connected with these.
    func reach(of clients: Set<String>) -> Set<String> {
        var reach = clients
        var grew = !reach.isEmpty
        while grew {
            grew = false
            for pair in connected where !pair.isDisjoint(with: reach) && !pair.isSubset(of: reach) {
                reach.formUnion(pair)
                grew = true
            }
        }
        return reach
    }

    func keptAtHub() throws -> Set<String> {
        let aside = Set(try hub.outsideChanges().map(\.dot))
        return try hub.replica.withEngine { engine in
            var kept: Set<String> = []
            func keep(_ values: [Value]) {
                for case .text(let bytes) in values { kept.insert(String(decoding: bytes, as: UTF8.self)) }
            }
            for row in try engine.store.allRows() {
                let state = try engine.store.load(table: row.table, key: row.key).state
                let covered = Set(state.deletions.flatMap(\.cover))
                for unit in state.units {
                    for candidate in unit.candidates
                    where !covered.contains(Covered(unit: unit.unit, dot: candidate.dot)) { keep(candidate.values) }
                }
            }
            // What a deletion covers and is shown all the same, since a person is asked about it, is before everybody's eyes.
            for layout in engine.store.layouts { try engine.store.forEachRow(layout) { _, values in keep(values) } }
            for sealed in try engine.allKept() where aside.contains(sealed.dot) {
                for (_, change) in try engine.changes(of: sealed) { for write in change.writes { keep(write.values) } }
            }
            return kept
        }
    }

    /// A device that is new and may see what another may shows what the other shows.
    private func judgeNewcomers(_ names: [String]) throws {
        guard let name = names.first else { return }
        let enrolment = try hub.enrol(name: "newcomer", scopes: hub.granted(name))
        let newcomer = try Replica.create(
            at: stage.path("newcomer"), enrolment: enrolment, clock: stage.clock, anchors: .none)
        stage.plant(newcomer)
        defer { try? newcomer.close() }
        let path = stage.file("down")
        try hub.pack(for: "newcomer", to: path)
        let outcome = try newcomer.apply(path).outcome
        try require(outcome == .applied, "a newcomer does not take what it is given: \(outcome)")
        try require(
            try newcomer.digest() == hub.digest(for: name),
            "a newcomer holds something else than \(name): \(try held(newcomer))")
    }

    /// Every row, as a person can read it.
    private func held(_ replica: Replica) throws -> [String] {
        try replica.withEngine { engine in
            try engine.store.allRows().map { row in
                let held = try engine.store.load(table: row.table, key: row.key)
                let units = held.state.units.map { unit in
                    "\(unit.unit): \(unit.candidates.map { "\($0.values.map(\.display))" }.joined(separator: " | "))"
                }
                return "\(engine.store.tableName(row.table)) \(row.key.display) \(held.place) "
                    + "\(units.joined(separator: ", ")), \(held.state.deletions.count) deletions"
            }
        }
    }
}
