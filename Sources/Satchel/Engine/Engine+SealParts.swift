internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Dividing what is sealed into changesets, and rows that were only entered, which are most of it.
extension Engine {
    /// What goes into one changeset each, by rows and by bytes; parents first.
    ///
    /// Rows that refer to one another and are deleted fall together (MRG-42), and the sign of it is the dot. Where several
    /// changesets are made, each that deletes a row deletes what it refers to once more.
    func parts(of noted: [NotedRows], _ authored: [[Authored]]) throws -> [Part] {
        let parts = try divided(noted, authored, deletions: [:])
        if parts.count < 2 { return parts }
        let deleted = authored.lazy.flatMap(\.self).filter { $0.change.cover != nil && $0.touch.new == nil }
        let deletions = Dictionary(deleted.map { ($0.name, $0) }) { first, _ in first }
        return deletions.isEmpty ? parts : try divided(noted, authored, deletions: deletions)
    }

    private func divided(
        _ noted: [NotedRows], _ authored: [[Authored]], deletions: [RowBatch.RowName: Authored]
    ) throws -> [Part] {
        lazy var references = References(store.layouts)
        var parts: [Part] = []
        var part = Part()
        part.together = Together(deletions)
        func close() {
            parts.append(part)
            part = Part()
            part.together = Together(deletions)
        }
        func closeIfFull() { if part.isFull { close() } }
        /// What a row referred to, as it was displayed.
        func parents(_ one: Authored) -> Set<RowBatch.RowName> {
            guard let old = one.touch.old else { return [] }
            return Set(
                references.from(one.layout.id).compactMap { reference in
                    reference.parentKey(of: old).map { RowBatch.RowName(table: reference.parent.id, key: $0) }
                })
        }
        func add(_ one: Authored) {
            guard part.together.add(one) else { return }
            part.rows += 1 + one.renewed.count
            part.values += one.layout.schema.columns.count
            part.bytes += one.touch.new?.byteCount ?? 0
        }
        for (layout, written) in zip(References.parentsFirst(store.layouts), authored) {
            for rows in noted where rows.layout.id == layout.id {
                var start = 0
                while start < rows.rows.count {
                    var end = start
                    while end < rows.rows.count, !part.isFull {
                        part.rows += 1
                        part.values += layout.schema.columns.count
                        part.bytes += rows.rows[end].bytes
                        end += 1
                    }
                    part.noted.append((rows, start..<end))
                    start = end
                    closeIfFull()
                }
            }
            for one in written {
                func again() -> [Authored] { part.together.again(with: one, parents: parents) }
                if part.rows + 1 + one.renewed.count + again().count > Limits.changesetRows { close() }
                again().forEach(add)
                add(one)
                closeIfFull()
            }
        }
        if part.rows > 0 { parts.append(part) }
        return parts
    }

    /// What of a person's decisions goes into one changeset each, as of what is sealed. O(rows).
    func parts(of decided: [Decided]) throws -> [[Decided]] {
        if decided.count <= Limits.changesetRows { return decided.isEmpty ? [] : [decided] }
        let deleted = decided.filter { $0.change.cover != nil && $0.change.into == nil }
        let deletions = Dictionary(deleted.map { ($0.name, $0) }) { first, _ in first }
        var parts: [[Decided]] = []
        var part = Together(deletions)
        for one in decided {
            func again() throws -> [Decided] {
                try part.again(with: one) { try Set(refersTo($0.row).map(\.name)) }
            }
            if part.rows.count + 1 + (try again().count) > Limits.changesetRows {
                parts.append(part.rows)
                part = Together(deletions)
            }
            for other in try again() + [one] { part.add(other) }
        }
        return parts + [part.rows]
    }

    /// What is sealed as one changeset.
    struct Part {
        var noted: [(rows: NotedRows, range: Range<Int>)] = []
        fileprivate var together = Together<Authored>([:])
        var rows = 0
        var values = 0
        /// Of texts and blobs.
        var bytes = 0

        var authored: [Authored] { together.rows }

        var isFull: Bool {
            rows >= Limits.changesetRows || bytes >= Limits.changesetBytes || values >= Limits.changesetValues
        }

        var age: UInt64 {
            let ages = noted.lazy.flatMap { run in run.range.lazy.map { run.rows.rows[$0].age } }
            return min(ages.min() ?? .max, authored.lazy.map(\.touch.age).min() ?? .max)
        }
    }

    /// Gives rows that were noted alone their clocks; entered ones that do not stand plainly are judged with the others.
    func place(
        _ noted: NotedRows, _ range: Range<Int>, _ columns: [ValueColumn], as dot: DotID, into batch: RowBatch
    ) throws {
        let layout = noted.layout
        func key(_ place: Int) -> RowKey { RowKey(layout.schema.key.map { columns[$0][place] }) }
        var plain = Array(0..<range.count)
        if try noted.changed.isEmpty && !batch.standsPlainly(layout) {
            plain = try plain.filter { place in try batch.standsPlainly(layout, key(place)) { columns[$0][place] } }
        }
        try store.setClocks(of: noted, range, columns, places: plain, dot: dot)
        guard plain.count < range.count else { return }
        let placed = Set(plain)
        for place in 0..<range.count where !placed.contains(place) {
            let row = columns.map { $0[place] }
            let held = HeldRow(
                table: layout.id, key: key(place), hash: noted.rows[range.lowerBound + place].hash, state: RowState(),
                place: .table(row))
            let units = zip(layout.schema.units, layout.unitIDs).map { unit, id in
                Writing.NewValues(unit: id, values: layout.values(of: unit, in: row))
            }
            let working = batch.working(layout.id, held.key) ?? batch.add(held)
            working.isDirty = true
            try batch.apply(
                store.writing(on: nil, of: held.key, layout.rules).insert(units, over: nil, dead: false), to: working,
                as: dot)
        }
    }
}

/// A change of a row, which may be a deletion that is said once more in another changeset (MRG-42).
private protocol Repeatable {
    var name: RowBatch.RowName { get }
    /// The same deletion once more, beside the first one.
    var again: Self { get }
}

extension Engine.Authored: Repeatable {
    fileprivate var name: RowBatch.RowName { .init(table: touch.table, key: touch.key) }

    fileprivate var again: Engine.Authored {
        Engine.Authored(touch: touch, layout: layout, base: base, change: RowChange(cover: base.held))
    }
}

extension Engine.Decided: Repeatable {
    fileprivate var name: RowBatch.RowName { .init(table: row.table, key: row.key) }

    fileprivate var again: Engine.Decided { Engine.Decided(row: row, change: RowChange(cover: change.cover)) }
}

/// The changes of one changeset, in which each deleted row has what it refers to deleted beside it.
private struct Together<Row: Repeatable> {
    private(set) var rows: [Row] = []
    /// The deletions of all changesets.
    private let deletions: [RowBatch.RowName: Row]
    /// Where in `rows` those are that are here.
    private var places: [RowBatch.RowName: Int] = [:]

    init(_ deletions: [RowBatch.RowName: Row]) { self.deletions = deletions }

    /// What a deleted row refers to that is deleted in another changeset and not yet in this one.
    func again(with one: Row, parents: (Row) throws -> Set<RowBatch.RowName>) rethrows -> [Row] {
        guard deletions[one.name] != nil else { return [] }
        return try parents(one).sorted().filter { $0 != one.name && places[$0] == nil }
            .compactMap { deletions[$0]?.again }
    }

    /// Whether it is one more: a deletion takes the place of its repetition.
    @discardableResult
    mutating func add(_ one: Row) -> Bool {
        if deletions[one.name] != nil {
            if let place = places[one.name] {
                rows[place] = one
                return false
            }
            places[one.name] = rows.count
        }
        rows.append(one)
        return true
    }
}
