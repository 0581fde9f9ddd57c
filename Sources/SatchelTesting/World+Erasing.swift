internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// At the end of some stories somebody is erased: then everything must be as if nobody had ever entered them (ERA-1, ERA-2,
/// ERA-10). What comes late, and meets the order, is the grave scripts' (ERA-5, ERA-6).
extension World {
    func eraseSomebody() throws {
        // Of the seed, so that a story keeps it.
        guard let hub = peers[0], schedule.seed % 3 == 1, !avoidsTies else { return }
        guard let name = held(hub).randomElement(using: &healing) else { return }
        let erased = try erase(name, at: hub)
        try settle()
        try judgeAnErasure(of: erased)
    }

    /// Erases somebody, with all that is about them. From now on nothing is judged.
    func erase(_ name: NaiveRowName, at hub: WorldPeer) throws -> Set<NaiveRowName> {
        let erased = about([name], hub)
        let cut = judged(hub.standing).model.cut(from: erased)
        let report = try hub.hub?.erase(table: name.table, key: name.key, withReferences: true)
        let count = report?.rows.values.reduce(0, +)
        try require(count == erased.count, .model, "erasing \(name) took \(report as Any), not \(erased.sorted())")
        try require(
            report?.cut.values.reduce(0, +) == cut.count, .model,
            "erasing \(name) left \(report as Any), not \(cut.keys.sorted())")
        _ = try take(hub)
        blank(cut, naming: erased)
        forget(erased)
        isUnjudged = true
        // What is still on its way was lost: a bundle that meets the order is the grave scripts'.
        bundles = [:]
        return erased
    }

    /// When all is quiet again everybody shows what the rules make of the rest, and nothing of them is anywhere.
    func judgeAnErasure(of erased: Set<NaiveRowName>) throws {
        isUnjudged = false
        for peer in everybody {
            try check(peer, always: true)
            try requireNothing(of: erased, at: peer)
            let digest = judged(peer.standing).model.digest()
            try require(
                try peer.replica.digest() == digest, .model,
                "after an erasure \(WorldEvent.name(peer.number)) has another digest than the rules give")
        }
        try require(
            try peers[0]?.hub?.verify().faults.isEmpty ?? true, .model, "after an erasure the hub's log does not verify"
        )
        reached.insert(.erased)
    }

    func held(_ peer: WorldPeer) -> [NaiveRowName] {
        let all = judged(peer.standing).model
        return all.rowNames.filter { all.schema.table($0.table) != nil }.filter {
            !all.row($0).held.isEmpty || !all.row($0).deletions.isEmpty
        }
    }

    /// ERA-1, ERA-11: rows and all that name them, by the references of every version that a replica has followed.
    func about(_ rows: Set<NaiveRowName>, _ peer: WorldPeer, until version: Int? = nil) -> Set<NaiveRowName> {
        let models = (0...(version ?? peer.standing.version)).map { judged(peer.standing.known, version: $0).model }
        var found = rows
        while true {
            let more = models.reduce(into: found) { $0 = $1.referring(to: $0) }
            if more == found { return found }
            found = more
        }
    }

    /// As if nobody had ever entered them.
    func forget(_ erased: Set<NaiveRowName>) {
        for dot in changes.keys {
            for row in erased { changes[dot]?.rows[row] = nil }
        }
        judged = schemas.map { _ in [:] }
        rows = schemas.map { _ in NaiveRowCache() }
    }

    /// As if nobody had ever been named by these units who was erased, but when and by whom (ERA-1, ERA-2): the columns of our own
    /// schemas that refer to something by `setNull`, and those in one unit with them, all take NULL.
    private func blank(_ cut: [NaiveRowName: Set<String>], naming erased: Set<NaiveRowName>) {
        let model = judged(Set(changes.keys)).model
        for dot in changes.keys {
            for (row, units) in cut {
                for unit in units {
                    guard let values = changes[dot]?.rows[row]?.writes[unit]?.values,
                        model.names(row, inUnit: unit, values, erased)
                    else { continue }
                    changes[dot]?.rows[row]?.writes[unit]?.values = values.map { _ in .null }
                }
            }
        }
    }

    /// ERA-2: not in the graveyard, not under another list's key, and in no changeset that is kept.
    func requireNothing(of erased: Set<NaiveRowName>, at peer: WorldPeer) throws {
        let name = WorldEvent.name(peer.number)
        for sealed in try peer.replica.changesets() {
            let said = Set(try NaiveChange(sealed, seen: [], schema: newest).rows.keys).intersection(erased)
            try require(said.isEmpty, .model, "\(name) keeps \(sealed.dot), which says something of \(said.sorted())")
        }
        for row in erased.sorted() {
            let lists = try peer.lists(of: row)
            try require(lists.isEmpty, .model, "\(name) has \(row) in \(lists), and it was erased")
        }
    }
}

extension NaiveModel {
    /// ERA-1: rows, all that name them in any candidate or were merged into them, and so on, but what does so by `setNull` alone.
    func referring(to targets: Set<NaiveRowName>) -> Set<NaiveRowName> {
        var found = targets
        while true {
            let more = rowNames.filter { !found.contains($0) && isAbout($0, found) }
            if more.isEmpty { return found }
            found.formUnion(more)
        }
    }

    /// ERA-1: the units by which alone rows name these, by `setNull`. They are erased, and the rows stay.
    func cut(from erased: Set<NaiveRowName>) -> [NaiveRowName: Set<String>] {
        var cut: [NaiveRowName: Set<String>] = [:]
        for name in rowNames where !erased.contains(name) {
            guard let table = schema.table(name.table) else { continue }
            for reference in table.references where reference.policy == .setNull && names(name, by: reference, erased) {
                let unit = table.units.first { $0.columns.contains(where: reference.columns.contains) }
                if let unit { cut[name, default: []].insert(unit.name) }
            }
        }
        return cut
    }

    private func isAbout(_ name: NaiveRowName, _ rows: Set<NaiveRowName>) -> Bool {
        let row = row(name)
        if row.into.values.contains(where: { rows.contains(NaiveRowName(table: name.table, key: $0)) }) { return true }
        guard let table = schema.table(name.table) else { return false }
        return table.references.contains { $0.policy != .setNull && names(name, by: $0, rows) }
    }

    /// Whether a row names any of these by a reference, in any candidate.
    private func names(
        _ name: NaiveRowName, by reference: TableSchema.Reference, _ rows: Set<NaiveRowName>
    ) -> Bool {
        let row = row(name)
        let unit = schema.table(name.table)?.units.first { $0.columns.contains(where: reference.columns.contains) }
        let candidates = unit.map { row.units[$0.name].map { Array($0.values) } ?? [] } ?? [[]]
        return candidates.contains { names(name, by: reference, in: unit, $0, rows) }
    }

    /// Whether these values of a unit do, by a reference that is `setNull`.
    func names(_ name: NaiveRowName, inUnit unit: String, _ values: [Value], _ rows: Set<NaiveRowName>) -> Bool {
        guard let table = schema.table(name.table), let unit = table.units.first(where: { $0.name == unit }) else {
            return false
        }
        return table.references.contains { reference in
            reference.policy == .setNull && unit.columns.contains(where: reference.columns.contains)
                && names(name, by: reference, in: unit, values, rows)
        }
    }

    private func names(
        _ name: NaiveRowName, by reference: TableSchema.Reference, in unit: TableSchema.Unit?, _ values: [Value],
        _ rows: Set<NaiveRowName>
    ) -> Bool {
        guard let table = schema.table(name.table), let parent = schema.table(reference.parent) else { return false }
        let key = parent.keyColumns.map { column -> Value in
            guard let place = reference.parentColumns.firstIndex(of: column) else { return .null }
            let own = reference.columns[place]
            if let index = table.key.firstIndex(of: own) { return name.key.values[index] }
            return unit?.columns.firstIndex(of: own).map { values[$0] } ?? .null
        }
        return !key.contains(.null) && rows.contains(NaiveRowName(table: parent.name, key: RowKey(key)))
    }
}
