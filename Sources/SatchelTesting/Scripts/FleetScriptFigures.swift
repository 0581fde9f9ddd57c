internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// What people are told of the fleet is so: how far a record has come, and how many rows are handed over.
extension FleetScript {
    /// What a record's status says is so (INB-13).
    func checkStatus(_ replica: Replica) throws {
        guard !isPutBack, let text = texts.randomElement(using: &random) else { return }
        let key = RowKey([.text(text.id)])
        let status: RecordStatus
        do { status = try replica.status(table: text.table, key: key) } catch is UsageError { return }
        guard status.level >= .atHub else { return }
        let kept = try keptAtHub()
        let erased = reach(of: erased)
        let spent = Set(
            texts.filter { $0.isSpent || !$0.clients.isDisjoint(with: erased) || erased.contains($0.id) }.map(\.text))
        let standing = try held(replica, text.table, text.id).filter { $0.hasPrefix("第") && !spent.contains($0) }
        for held in standing {
            try require(
                kept.contains(held),
                "\(replica.name) says that \(text.table) \(text.id) is at the hub, and \(held) is not")
        }
        guard status.level == .everywhere, hasFigures, !livesTwice else { return }
        for (name, other) in devices where !revoked.contains(name) {
            // Who does not hold the record is told nothing of it, and may have entered another under its key.
            let there = try held(other, text.table, text.id)
            if there.isEmpty { continue }
            let isTheirs = there.filter { $0.hasPrefix("第") }.allSatisfy { one in
                texts.contains { $0.text == one && $0.author == name }
            }
            if try isTheirs && other.status(table: text.table, key: key).level < .atHub { continue }
            let missing = standing.filter { !there.contains($0) }
            try require(
                missing.isEmpty,
                "\(replica.name) says that \(text.table) \(text.id) is everywhere, and \(name) lacks \(missing)")
        }
    }

    /// The rows that it says both have are those that a new device of the same scopes gets (SCO-25).
    func handOver(_ index: Int) throws {
        let (from, to) = (devices[index].name, random.pick(devices.map(\.name)))
        guard from != to else { return }
        let isCounted = hasFigures && random.chance(50)
        let (former, successor) = isCounted ? (try rows(for: from), try rows(for: to)) : ([:], [:])
        let report: HandoverReport
        do { report = try hub.handOver(from: from, to: to) } catch is UsageError {
            return  // there is nothing to hand over, or one of them is not known
        }
        stage.tell("\(from) hands over to \(to): \(report.scopes)")
        guard isCounted else { return }
        let after = (former: try rows(for: from), successor: try rows(for: to))
        for count in report.counts {
            let counted = [former, after.former, successor, after.successor].map { $0[count.table] ?? 0 }
            let told = [count.formerBefore, count.formerAfter, count.successorBefore, count.successorAfter]
            try require(
                counted == told, "\(from) hands over to \(to): it is told \(told) of \(count.table)")
        }
    }

    /// How many rows of each table a new device shows that may see what this one may. Nobody else ever hears of it.
    private func rows(for name: String) throws -> [String: Int] {
        guard try hub.devices().contains(where: { $0.name == name }) else { return [:] }
        let granted = try hub.granted(name)
        if granted.isEmpty { return [:] }
        counters += 1
        let counter = "counter\(counters)"
        let enrolment = try hub.enrol(name: counter, scopes: granted)
        let replica = try Replica.create(
            at: stage.path(counter), enrolment: enrolment, clock: stage.clock, anchors: .none)
        defer { try? replica.close() }
        let path = stage.file("down")
        try hub.pack(for: counter, to: path)
        try require(try replica.apply(path).outcome == .applied, "\(counter) does not take what it is given")
        try hub.retire(counter)
        return try replica.read { db in
            Dictionary(
                uniqueKeysWithValues: try ["client", "visit"].map {
                    ($0, try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0)
                })
        }
    }
}
