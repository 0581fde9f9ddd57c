internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Dividing what is sealed into changesets, and rows that were only entered, which are most of it.
extension Engine {
    /// What goes into one changeset each, by rows and by bytes; parents first.
    func parts(of entered: [EnteredRows], _ authored: [[Authored]]) -> [Part] {
        var parts: [Part] = []
        var part = Part()
        func closeIfFull() {
            guard part.isFull else { return }
            parts.append(part)
            part = Part()
        }
        for (layout, written) in zip(References.parentsFirst(store.layouts), authored) {
            if let rows = entered.first(where: { $0.layout.id == layout.id }) {
                var start = 0
                while start < rows.rows.count {
                    var end = start
                    while end < rows.rows.count, !part.isFull {
                        part.rows += 1
                        part.values += layout.schema.columns.count
                        part.bytes += rows.rows[end].bytes
                        end += 1
                    }
                    part.entered.append((rows, start..<end))
                    start = end
                    closeIfFull()
                }
            }
            for one in written {
                part.authored.append(one)
                part.rows += 1
                part.values += layout.schema.columns.count
                part.bytes += one.touch.new?.byteCount ?? 0
                closeIfFull()
            }
        }
        if part.rows > 0 { parts.append(part) }
        return parts
    }

    /// What is sealed as one changeset.
    struct Part {
        var entered: [(rows: EnteredRows, range: Range<Int>)] = []
        var authored: [Authored] = []
        var rows = 0
        var values = 0
        /// Of texts and blobs.
        var bytes = 0

        var isFull: Bool {
            rows >= Limits.changesetRows || bytes >= Limits.changesetBytes || values >= Limits.changesetValues
        }

        var age: UInt64 {
            let ages = entered.lazy.flatMap { run in run.range.lazy.map { run.rows.rows[$0].age } }
            return min(ages.min() ?? .max, authored.lazy.map(\.touch.age).min() ?? .max)
        }
    }

    /// Gives rows that were only entered their clocks; those that do not stand plainly are judged with the others.
    func place(
        _ entered: EnteredRows, _ range: Range<Int>, _ columns: [ValueColumn], as dot: DotID, into batch: RowBatch
    ) throws {
        let layout = entered.layout
        func key(_ place: Int) -> RowKey { RowKey(layout.schema.key.map { columns[$0][place] }) }
        var plain = Array(0..<range.count)
        if try !batch.standsPlainly(layout) {
            plain = try plain.filter { place in try batch.standsPlainly(layout, key(place)) { columns[$0][place] } }
        }
        try store.setClocks(of: entered, range, columns, places: plain, dot: dot)
        guard plain.count < range.count else { return }
        let placed = Set(plain)
        for place in 0..<range.count where !placed.contains(place) {
            let row = columns.map { $0[place] }
            let held = HeldRow(
                table: layout.id, key: key(place), hash: entered.rows[range.lowerBound + place].hash, state: RowState(),
                place: .table(row))
            let units = zip(layout.schema.units, layout.unitIDs).map { unit, id in
                Writing.NewValues(unit: id, values: layout.values(of: unit, in: row))
            }
            let working = batch.working(layout.id, held.key) ?? batch.add(held)
            working.isDirty = true
            try batch.apply(
                store.writing(on: nil, layout.rules).insert(units, over: nil, dead: false), to: working, as: dot)
        }
    }
}
