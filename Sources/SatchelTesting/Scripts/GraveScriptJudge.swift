internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// What the rules say of a hub that forgets.
extension GraveScript {
    func sim() throws -> NaiveGraves {
        try NaiveGraves(
            schema: Self.schema, changes: changes, log: world.hub.log().map { ($0.position, $0.dot, $0.note) },
            drops: drops, erasures: erasures, merges: merges)
    }

    func judge() throws {
        let sim = try sim()
        let digest = sim.model.digest()
        let hub = try world.hub.digest()
        let due = "\(sim.shown)/\(sim.model.conflicts().map { "\($0.row) \($0.kind)" }.sorted())"
        try require(hub == digest, "the hub shows \(try contents("hub")), the rules say \(due)")
        for device in devices {
            try require(
                try world.replica(device).digest() == digest,
                "\(device) shows \(try contents(device)), the rules say \(due)")
            // A digest does not show what refers to nothing any more, and was to go with it (ERA-6).
            let aside = try setAside(device)
            let held = try setAside("hub")
            try require(aside == held, "\(device) has set aside \(aside), the hub \(held)")
        }
        for sealed in try world.hub.replica.changesets() {
            let kept = try NaiveChange(sealed, seen: [], schema: Self.schema)
            let rest = sim.unerased[sealed.dot]?.rows ?? [:]
            try require(
                Set(kept.rows.keys) == Set(rest.keys),
                "the hub keeps \(kept.rows.keys.sorted()) of \(sealed.dot), the rules \(rest.keys.sorted())"
            )
            for (name, change) in kept.rows {
                try require(
                    change.writes.mapValues(\.values) == rest[name]?.writes.mapValues(\.values),
                    "the hub keeps other values of \(name) in \(sealed.dot)")
            }
        }
        try require(try world.hub.verify().faults.isEmpty, "the hub's log does not verify")
    }

    /// What the hub's log says, which the story of a failure ends with.
    func tellLog() throws {
        for erasure in erasures {
            stage.tell("erased at \(erasure.at): \(erasure.unit ?? "all") of \(erasure.rows.sorted())")
        }
        for drop in drops { stage.tell("dropped at \(drop.at): \(drop.rows.sorted())") }
        for entry in try world.hub.log() {
            stage.tell("log \(entry.position) \(entry.dot) \(entry.note)")
            guard let (change, cut) = changes[entry.dot] else { continue }
            for (name, row) in change.rows.sorted(by: { $0.key < $1.key }) {
                let writes = row.writes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.values)" }
                stage.tell("  made at \(cut), \(name) \(row.cover == nil ? "" : "deleted") \(writes)")
            }
        }
    }

    func contents(_ name: String) throws -> String {
        let parents = try world.value(name, "SELECT group_concat(id || name || ifnull(above, '')) FROM parent")
        let children = try world.value(name, "SELECT group_concat(id || parent || ifnull(amount, '')) FROM child")
        let conflicts = try world.replica(name).conflicts().map { "\($0.table)(\($0.key.display)) \($0.kind)" }
        return "\(parents ?? "")/\(children ?? "")/\(conflicts.sorted())"
    }

    private func setAside(_ name: String) throws -> [String] {
        try world.replica(name).setAside().map { "\($0.table)(\($0.key.display)) \($0.kind)" }.sorted()
    }

    /// The rows in the archive, each with the place at which it was dropped last.
    func archive() throws -> [NaiveRowName: String] { try rows("satchel_archive", value: "dropped") }

    func graveyard() throws -> Set<NaiveRowName> {
        Set(try rows("satchel_grave WHERE fate = 0", value: "0").keys)
    }

    func rows(_ source: String, value: String) throws -> [NaiveRowName: String] {
        var found: [NaiveRowName: String] = [:]
        for table in Self.schema.tables {
            for id in (0..<4).map({ "\(table.name.prefix(1))\($0)" }) {
                let name = NaiveRowName(table: table.name, key: RowKey([.text(id)]))
                let key = name.key.canonical.hex
                let condition =
                    "tbl = (SELECT id FROM satchel_table WHERE name = '\(table.name)') AND key = x'\(key)'"
                let filter = source.contains(" WHERE ") ? "\(source) AND" : "\(source) WHERE"
                found[name] = try world.value("hub", "SELECT CAST(\(value) AS TEXT) FROM \(filter) \(condition)")
            }
        }
        return found
    }

    func require(_ condition: Bool, _ message: @autoclosure () throws -> String) throws {
        if condition { return }
        let message = try message()
        try tellLog()
        throw ScriptComplaint(message)
    }
}
