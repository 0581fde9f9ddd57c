internal import Satchel
internal import SatchelModel

/// What the rules make of a set of changes.
struct JudgedWorld {
    let model: NaiveModel
    let shown: [NaiveRowName: [Value]]
    let conflicts: [NaiveConflict]
}

/// What is checked after an act, and at the end.
extension World {
    func require(_ condition: Bool, _ judge: WorldFailure.Judge, _ message: @autoclosure () -> String) throws {
        if !condition { throw WorldFailure(judge, message()) }
    }

    /// The world as whoever knows these changes must see it by the rules. Remembered by the set of changes: replicas
    /// that know the same are judged once.
    ///
    /// - Parameter version: of the schema that they follow; nil: the newest.
    func judged(_ known: Set<Dot>, version: Int? = nil) -> JudgedWorld {
        let version = version ?? schemas.count - 1
        if let done = judged[version][known] { return done }
        let model = NaiveModel(
            schema: schemas[version], constraints: constraints[version], changes: known.compactMap { changes[$0] },
            rows: rows[version])
        let world = JudgedWorld(model: model, shown: model.view().shown, conflicts: model.conflicts())
        judged[version][known] = world
        note(world)
        return world
    }

    func judged(_ standing: WorldStanding) -> JudgedWorld { judged(standing.known, version: standing.version) }

    /// Notes what the replica has newly sealed, with the plain clock that the world knows it had.
    func take(_ peer: WorldPeer) throws -> [NaiveChange] {
        var new: [NaiveChange] = []
        for sealed in try peer.newChangesets(isKnown: { changes[$0] != nil }) {
            let change = try NaiveChange(sealed, seen: peer.standing.known, schema: newest)
            changes[change.dot] = change
            authored[change.dot] = peer.standing.version
            cuts[change.dot] =
                peer.isHub
                ? HubCut(length: peer.standing.known.count + 1, known: peer.standing.known) : peer.standing.cut
            peer.standing.known.insert(change.dot)
            if !peer.isHub { peer.standing.pending.append(change.dot) }
            try checkClock(sealed.head.clock, of: change)
            new.append(change)
        }
        return new
    }

    /// MRG-4: the coded clock, its cut expanded, is the plain one.
    private func checkClock(_ clock: CausalClock, of change: NaiveChange) throws {
        let cut = cuts[change.dot]?.known ?? []
        if clock.position == 0 {
            try require(cut.isEmpty, .causality, "\(change.dot) has no cut in its clock")
        } else {
            let known = positions[[clock.epoch, clock.position], default: cut]
            try require(
                known == cut, .causality,
                "position \(clock.position) in the clock of \(change.dot) stands for two things")
            positions[[clock.epoch, clock.position]] = cut
        }
        var beyond: Set<Dot> = []
        for entry in clock.others.entries {
            var link: Dot? = entry.dot
            while let dot = link, beyond.insert(dot).inserted { link = changes[dot]?.previous }
        }
        try require(
            cut.union(beyond) == change.seen, .causality,
            "the clock of \(change.dot) says \(cut.union(beyond).sorted()), not \(change.seen.sorted())")
        for dot in clock.others.entries.map(\.dot) where dot != change.dot {
            try require(
                change.seen.contains(dot), .causality,
                "the clock of \(change.dot) names \(dot), which its author had not")
        }
    }

    /// A1, B1 at every step: the tables and the conflicts are those that the rules make of what was received.
    ///
    /// - Parameter always: whatever the schedule's rate of checks says.
    func check(_ peer: WorldPeer, always: Bool = false) throws {
        guard !isUnjudged, always || random.chance(schedule.checks) else { return }
        let expected = judged(peer.standing)
        let name = WorldEvent.name(peer.number)
        try require(
            try peer.contents(schema(peer)), are: expected.shown, .model, "\(name) shows, and the rules say")
        // Rows of tables that it does not have are no rows to it by the rules (VER-2).
        let aside = try peer.replica.setAside().filter { $0.kind != .unknown }.map {
            "\($0.table)(\($0.key.display)) \($0.kind)"
        }.sorted()
        let held = expected.model.view().aside.map { "\($0.key) \($0.value)" }.sorted()
        try require(aside == held, .model, "\(name) has set aside \(aside), the rules say \(held)")
        let conflicts = try peer.replica.conflicts().map { "\($0.id) \($0.kind)" }.sorted()
        let due = expected.conflicts.map { "\($0.id) \($0.kind)" }.sorted()
        try require(conflicts == due, .model, "\(name) lists conflicts \(conflicts), the rules say \(due)")
    }

    /// Compares tables and says in which rows they differ.
    func require(
        _ real: [NaiveRowName: [Value]], are expected: [NaiveRowName: [Value]], _ judge: WorldFailure.Judge,
        _ message: @autoclosure () -> String
    ) throws {
        if real == expected { return }
        let names = Set(expected.keys).union(real.keys).filter { expected[$0] != real[$0] }.sorted()
        func shown(_ values: [Value]?) -> String {
            values.map { $0.map(\.sqlLiteral).joined(separator: ", ") } ?? "nothing"
        }
        let rows = names.map { "\($0): \(shown(real[$0])); \(shown(expected[$0]))" }
        throw WorldFailure(judge, "\(message()): \(rows.joined(separator: "\n"))")
    }

    func judgeTheEnd() throws {
        // What was only in a file that a backup replaced is gone with that file, and what waits for it waits on.
        let held = everybody.reduce(into: Set<Dot>()) { $0.formUnion($1.standing.known) }
        let all = judged(held).model
        var causality = all.causalityComplaints()
        // What a write replaces and carries goes by the schema under which it was made.
        for version in schemas.indices {
            let model = judged(held, version: version).model
            let others = held.filter { authored[$0] != version }
            causality += model.replacementComplaints(
                answers: answers.intersection(held), merges: unions, judged: others)
            causality += model.stateComplaints(without: others)
        }
        try require(causality.isEmpty, .causality, causality.prefix(5).joined(separator: "\n"))
        let lost = all.lossComplaints(committed.filter { held.contains($0.dot) })
        try require(lost.isEmpty, .loss, lost.prefix(5).joined(separator: "\n"))
        note(all)
        let digest = all.digest()
        var digests: Set<String> = []
        for peer in everybody {
            let name = WorldEvent.name(peer.number)
            let waiting = peer.standing.parked.filter { changes[$0]?.seen.isSubset(of: held) ?? true }
            try require(waiting.isEmpty, .liveness, "\(name) still has parked \(waiting)")
            let missing = held.subtracting(peer.standing.known).subtracting(tellings)
            try require(missing.isEmpty, .liveness, "\(name) lacks \(missing)")
            try check(peer, always: true)
            digests.insert(try peer.replica.digest())
        }
        try require(digests.count == 1, .equality, "replicas that received the same have the digests \(digests)")
        try require(digests == [digest], .model, "everybody has another digest than the rules give")
    }

    /// B7: what stands, in names that do not depend on clocks: a changeset's origin and number, not its tag.
    package func survivors() -> [String] {
        let all = judged(Set(changes.keys)).model
        return all.rowNames.flatMap { name in
            let row = all.row(name)
            let candidates = row.units.flatMap { unit, candidates in
                unit == "satchel:fell"
                    ? [] : candidates.map { "\(name).\(unit) = \($1.map(\.sqlLiteral)) of \($0.origin)/\($0.sequence)" }
            }
            let notes = row.notes.flatMap { note, fell in
                fell.map { "\(name) notes \($0.origin)/\($0.sequence) by \(note.origin)/\(note.sequence)" }
            }
            return candidates.sorted() + notes.sorted()
                + row.deletions.keys.map { "\(name) deleted by \($0.origin)/\($0.sequence)" }.sorted()
        }
    }

    /// What rare states the whole came to.
    private func note(_ all: NaiveModel) {
        let places = Set(all.changes.keys.map { [$0.origin.high, $0.origin.low, $0.sequence] })
        if places.count < all.changes.count { reached.insert(.forked) }
        for name in all.rowNames {
            let row = all.row(name)
            if row.units["", default: [:]].count > 1 { reached.insert(.enteredTwice) }
            for candidates in row.units.values where candidates.count > 1 {
                if Set(candidates.values).count < candidates.count, candidates.values.contains(where: { !$0.isEmpty }) {
                    reached.insert(.equalValues)
                }
                let times = candidates.keys.compactMap { changes[$0]?.time }
                if Set(times).count < times.count { reached.insert(.sameMillisecond) }
            }
        }
    }

    /// What rare states this is one of.
    private func note(_ world: JudgedWorld) {
        for conflict in world.conflicts {
            switch conflict.kind {
            case "inUse": reached.insert(.deletedButInUse)
            case "deleted": reached.insert(.deletedButEdited)
            case "mergedApart": reached.insert(.mergedApart)
            default: if conflict.candidates.count > 2 { reached.insert(.conflictOfThree) }
            }
        }
        let view = world.model.view()
        for why in view.aside.values {
            switch why {
            case .fallen: reached.insert(.fallen)
            case .refused: reached.insert(.clashed)
            case .waiting, .incomplete: reached.insert(.heldAside)
            }
        }
        if !view.silent.isEmpty { reached.insert(.broughtBack) }
    }
}
