import SatchelMerge
import SatchelModel
import SatchelStore
import SatchelTesting

@testable import Satchel

/// Rows whose states change at random, judged as a bundle would have them judged, beside a judgement of everything (MRG-20,
/// MRG-22): what `RowBatch` brings under work must be enough. Some hundred judgements a second reach states that schedules
/// of whole bundles seldom do, such as "brought back" beside "merged by two people".
///
/// Any states may meet, since whoever wrote them may have seen any part of what others had written.
struct IncrementalJudgement {
    /// References of every policy, places that several rows want, also by what they refer to, CHECKs that a hidden
    /// reference breaks or hides, rows of several references into one table, and references in a key.
    static let dataSets = [
        ScriptData.tangle.ddl,
        """
        -- satchel: reference p (part) cascade
        -- satchel: reference p (loose) setNull
        CREATE TABLE p(id TEXT PRIMARY KEY NOT NULL, one INTEGER UNIQUE, two INTEGER UNIQUE, up TEXT REFERENCES p(id),
          part TEXT REFERENCES p(id) ON DELETE CASCADE, loose TEXT REFERENCES p(id) ON DELETE SET NULL, note);
        """,
        """
        -- satchel: reference q (loose) setNull
        -- satchel: reference link (right) cascade
        CREATE TABLE p(id TEXT PRIMARY KEY NOT NULL, spot INTEGER UNIQUE, low INTEGER, high INTEGER,
          up TEXT REFERENCES p(id), CHECK (low <= high));
        CREATE TABLE q(id TEXT PRIMARY KEY NOT NULL, loose TEXT REFERENCES p(id) ON DELETE SET NULL, near TEXT
          REFERENCES p(id), spot INTEGER, UNIQUE (near, spot), CHECK (loose IS NOT NULL OR spot IS NOT 1));
        CREATE TABLE link(left TEXT REFERENCES p(id), right TEXT REFERENCES q(id) ON DELETE CASCADE,
          spot INTEGER UNIQUE, PRIMARY KEY (left, right));
        """,
        """
        -- satchel: reference p (part) cascade
        CREATE TABLE p(id TEXT PRIMARY KEY NOT NULL, up TEXT REFERENCES p(id), near TEXT REFERENCES p(id),
          part TEXT REFERENCES p(id) ON DELETE CASCADE, note);
        """,
    ]

    private let engine: Engine
    private let planted: PlantedBug?
    private let references: References
    private var random: SplitMix64
    private let keys: Int
    private var sequence: UInt64 = 0

    /// - Parameter planted: in the test of the test.
    init(_ engine: Engine, seed: UInt64, planted: PlantedBug? = nil) {
        self.engine = engine
        self.planted = planted
        references = References(engine.store.layouts)
        random = SplitMix64(seed: seed)
        keys = random.pick([3, 4, 4, 5])
    }

    private struct Done: Error {}

    /// Plays twelve steps on an empty replica, and takes all back.
    ///
    /// - Returns: what the two judgements show, if they differ, and what was written up to then.
    mutating func play() throws -> String? {
        var difference: String?
        do {
            try engine.transaction {
                difference = try steps()
                throw Done()
            }
        } catch is Done {}
        return difference
    }

    private mutating func steps() throws -> String? {
        var told: [String] = []
        for _ in 0..<12 {
            let batch = RowBatch(store: engine.store, planted: planted)
            if random.chance(15) { told.append(try leave(batch)) }
            for _ in 0..<random.pick([1, 1, 2]) { told.append(try change(batch)) }
            try batch.settle()
            let piecewise = try shown()
            try engine.store.db.execute("SAVEPOINT everything")
            let whole = RowBatch(store: engine.store)
            for row in try engine.store.allRows() { try whole.row(row.table, row.key).isRecalled = true }
            try whole.settle()
            let atOnce = try shown()
            try engine.store.db.execute("ROLLBACK TO everything; RELEASE everything")
            if piecewise != atOnce {
                let lines = ["piecewise"] + Set(piecewise).subtracting(atOnce).sorted()
                return (told + lines + ["at once"] + Set(atOnce).subtracting(piecewise).sorted()).joined(
                    separator: "\n")
            }
        }
        return nil
    }

    /// Every row of every table, every row outside them with the reason, and what is asked about.
    private func shown() throws -> [String] {
        let store = engine.store
        var found: [String] = []
        for layout in store.layouts {
            try store.forEachRow(layout) { _, values in found.append("\(layout.schema.name) \(values)") }
        }
        for (sql, columns) in [
            ("SELECT tbl, hex(key), fate, reason FROM satchel_grave", 4), ("SELECT id, kind FROM satchel_conflict", 2),
        ] {
            let select = try store.db.statement(sql)
            while try select.step() { found.append("\(select.values(0..<columns))") }
        }
        return found.sorted()
    }

    /// Rows leave the scopes of the replica (SCO-15), as when the hub's state is taken in.
    private mutating func leave(_ batch: RowBatch) throws -> String {
        let store = engine.store
        var gone: [HeldRow] = []
        for row in try store.allRows().shuffled(using: &random).prefix(random.pick([1, 1, 2])) {
            let held = try store.load(table: row.table, key: row.key)
            try store.purge(held)
            gone.append(held)
        }
        try batch.recall(without: gone, isConfined: true)
        return "gone: " + gone.map { "\(store.tableName($0.table)) \($0.key.display)" }.joined(separator: ", ")
    }

    // MARK: What people write

    /// One changeset, of one to three rows.
    private mutating func change(_ batch: RowBatch) throws -> String {
        sequence += 1
        let author = OriginID(high: UInt64.random(in: 1...3, using: &random), low: 0)
        let time = Timestamp(milliseconds: Int64.random(in: 1...1_000_000, using: &random))
        let dot = try engine.store.dotID(Dot(origin: author, sequence: sequence, tag: 0), time: time)
        let isDeletion = random.chance(25)
        var told: [String] = []
        var changed: Set<HeldRowName> = []
        for _ in 0..<random.pick([1, 1, 2, 3]) {
            let layout = random.pick(engine.store.peoplesLayouts)
            let row = try batch.row(layout.id, RowKey(layout.schema.key.map { value(layout, $0, keyed: true) }))
            // Of one changeset, one change for each row.
            let name = HeldRowName(table: layout.id, key: row.held.key)
            if changed.contains(name) { continue }
            let seen = random.chance(30) ? row.state.without { [chance = random.chance(40)] _ in chance } : row.state
            guard let change = try change(of: row.held.key, seen, layout, deletes: isDeletion) else { continue }
            let noted = try engine.store.noting(change, on: seen, table: layout.id)
            batch.apply(noted, to: row, as: dot)
            changed.insert(name)
            told.append("\(layout.schema.name) \(row.held.key.display): \(noted)")
        }
        return told.joined(separator: "\n")
    }

    private mutating func change(
        of key: RowKey, _ seen: RowState, _ layout: TableLayout, deletes: Bool
    ) throws -> RowChange? {
        let writing = try engine.store.writing(on: seen, of: key, table: layout.id)
        if seen.units.isEmpty || !seen.deletions.isEmpty && random.chance(12) {
            var units = zip(layout.schema.units, layout.unitIDs).map { newValues(layout, $0, $1) }
            // By a program that knows fewer columns.
            if random.chance(8), !units.isEmpty { units.remove(at: units.indices.randomElement(using: &random) ?? 0) }
            return writing.insert(units, over: seen.isEmpty ? nil : seen, dead: !seen.deletions.isEmpty)
        }
        if deletes {
            var deletion = Writing.delete(seen)
            if random.chance(35) {
                let into = RowKey(layout.schema.key.map { value(layout, $0, keyed: true) })
                if into != key { deletion.into = into }
            }
            return deletion
        }
        if !seen.deletions.isEmpty, random.chance(40) { return writing.keep(seen, isShown: random.chance(50)) }
        guard let unit = layout.schema.units.indices.randomElement(using: &random) else { return nil }
        return writing.update([newValues(layout, layout.schema.units[unit], layout.unitIDs[unit])], on: seen)
    }

    private mutating func newValues(
        _ layout: TableLayout, _ unit: TableSchema.Unit, _ id: UnitID
    ) -> Writing.NewValues {
        var values: [Value] = []
        for column in unit.columns { values.append(value(layout, column, keyed: false)) }
        return Writing.NewValues(unit: id, values: values)
    }

    /// Keys are `k0` and so on, whatever refers to them; all else is a small number.
    private mutating func value(_ layout: TableLayout, _ column: Int, keyed: Bool) -> Value {
        let isReference = references.from(layout.id).contains { $0.columns.contains(column) }
        if !keyed, random.chance(isReference ? 45 : 35) { return .null }
        if isReference || keyed { return .text(Array("k\(Int.random(in: 0..<keys, using: &random))".utf8)) }
        return .integer(Int64.random(in: 0...2, using: &random))
    }
}
