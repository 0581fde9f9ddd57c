internal import Satchel
internal import SatchelModel

/// What is checked after every step, and at the end.
extension RandomScript {
    /// The data set by the schema that a replica follows.
    func data(_ peer: ScriptPeer) -> ScriptData { versions[peer.version] }

    /// The world as this replica must see it by the rules.
    func model(_ peer: ScriptPeer) -> NaiveModel {
        NaiveModel(
            schema: data(peer).schema, constraints: data(peer).constraints,
            changes: changes.values.filter { peer.known.contains($0.dot) })
    }

    /// Notes what the replica has newly sealed, with the plain clock that the script knows it had.
    func take(_ peer: ScriptPeer) throws -> [NaiveChange] {
        var new: [NaiveChange] = []
        peer.lines.insert(peer.replica.origin)
        for sealed in try peer.replica.changesets()
        where sealed.dot.origin == peer.replica.origin && !peer.known.contains(sealed.dot) {
            if let twins = changes[sealed.dot] {
                // A copy of this file sealed the same notes at the same moment: one changeset, made twice.
                peer.known.insert(twins.dot)
                if !peer.isHub { peer.pending.append(twins.dot) }
                new.append(twins)
                continue
            }
            let change = try NaiveChange(sealed, seen: peer.known, schema: newest.schema)
            authored[change.dot] = peer.version
            changes[change.dot] = change
            cuts[change.dot] = peer.isHub ? ScriptCut(length: peer.known.count + 1, known: peer.known) : peer.cut
            peer.known.insert(change.dot)
            if !peer.isHub { peer.pending.append(change.dot) }
            try checkClock(sealed.head.clock, of: change)
            new.append(change)
        }
        return new
    }

    /// MRG-4: the coded clock, its cut expanded, is the plain one.
    private func checkClock(_ clock: CausalClock, of change: NaiveChange) throws {
        let cut = cuts[change.dot]?.known ?? []
        if clock.position == 0 {
            try require(cut.isEmpty, "\(change.dot) has no cut in its clock")
        } else {
            let known = positions[[clock.epoch, clock.position], default: cut]
            try require(known == cut, "position \(clock.position) in the clock of \(change.dot) stands for two things")
            positions[[clock.epoch, clock.position]] = cut
        }
        var beyond: Set<Dot> = []
        for entry in clock.others.entries {
            var link: Dot? = entry.dot
            while let dot = link, beyond.insert(dot).inserted { link = changes[dot]?.previous }
        }
        try require(
            cut.union(beyond) == change.seen,
            "the clock of \(change.dot) says \(cut.union(beyond).sorted()), not \(change.seen.sorted())")
        for dot in clock.others.entries.map(\.dot) where dot != change.dot {
            try require(change.seen.contains(dot), "the clock of \(change.dot) names \(dot), which its author had not")
        }
    }

    /// A1, B1 at every step: the tables and the conflicts are those that the rules make of what was received.
    func check(_ peer: ScriptPeer) throws {
        let model = model(peer)
        let view = model.view()
        let expected = view.shown
        let real = try peer.contents(data(peer).schema)
        for name in Set(expected.keys).union(real.keys).sorted() {
            try require(
                expected[name] == real[name],
                "\(peer.name) shows \(name) as \(real[name] as Any), the rules say \(expected[name] as Any)")
        }
        // Rows of tables that it does not have are no rows to it by the rules (VER-2).
        let aside = try peer.replica.setAside().filter { $0.kind != .unknown }.map {
            "\($0.table)(\($0.key.display)) \($0.kind)"
        }.sorted()
        let held = view.aside.map { "\($0.key) \($0.value)" }.sorted()
        try require(aside == held, "\(peer.name) has set aside \(aside), the rules say \(held)")
        let conflicts = try peer.replica.conflicts().map { "\($0.id) \($0.kind)" }.sorted()
        let due = model.conflicts().map { "\($0.id) \($0.kind)" }.sorted()
        try require(conflicts == due, "\(peer.name) lists conflicts \(conflicts), the rules say \(due)")
        try checkAssignees(peer, model)
    }

    func judgeTheEnd() throws {
        // What was only in a file that a backup replaced is gone with that file, and what waits for it waits on.
        let held = peers.reduce(into: Set<Dot>()) { $0.formUnion($1.known) }
        let there = changes.values.filter { held.contains($0.dot) }
        func judge(_ data: ScriptData) -> NaiveModel {
            NaiveModel(schema: data.schema, constraints: data.constraints, changes: there)
        }
        let all = judge(newest)
        var complaints = all.causalityComplaints() + all.lossComplaints(committed.filter { held.contains($0.dot) })
        // What a write replaces and carries goes by the schema under which it was made.
        for (version, data) in versions.enumerated() {
            let others = Set(there.map(\.dot).filter { authored[$0] != version })
            let model = judge(data)
            complaints += model.replacementComplaints(
                answers: answers.intersection(held), merges: unions, judged: judged.union(others))
            complaints += model.stateComplaints(without: others)
        }
        try require(complaints.isEmpty, complaints.prefix(5).joined(separator: "\n"))
        let digest = all.digest()
        for peer in peers {
            let waiting = peer.parked.filter { changes[$0]?.seen.isSubset(of: held) ?? true }
            try require(waiting.isEmpty, "\(peer.name) still has parked \(waiting)")
            let missing = held.subtracting(peer.known)
            try require(missing.isEmpty, "\(peer.name) lacks \(missing)")
            try require(try peer.replica.digest() == digest, "\(peer.name) has another digest than the rules give")
        }
    }
}
