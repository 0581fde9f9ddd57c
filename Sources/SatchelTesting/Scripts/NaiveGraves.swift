internal import Satchel
internal import SatchelModel

/// An order to erase, as the script gave it: it knows the rows.
struct NaiveErasure {
    /// Its place in the hub's log.
    var at: UInt64
    var rows: Set<NaiveRowName>
    /// Nil: the rows whole, and what refers to them.
    var unit: String?
    var blank: Value
}

/// EXC-23 to EXC-26 and ERA-5, ERA-6 the slow way: from all that was sealed, the hub's log, and when it dropped and erased
/// what. Shares no code with the engine.
struct NaiveGraves {
    /// What stands.
    private(set) var model: NaiveModel
    /// The changesets in the hub's log without what was erased from them.
    private(set) var unerased: [Dot: NaiveChange] = [:]
    private let schema: Schema
    /// Where the hub's log ended after each bundle, in order.
    private let merges: [UInt64]
    private var order: [(position: UInt64, dot: Dot)] = []
    private var forgotten: [NaiveRowName: (dots: Set<Dot>, at: UInt64)] = [:]
    /// When a row came back by itself.
    private var moved: [NaiveRowName: UInt64] = [:]
    private var cuts: [Dot: UInt64] = [:]

    init(
        schema: Schema, changes: [Dot: (change: NaiveChange, cut: UInt64)],
        log: [(position: UInt64, dot: Dot, note: String)],
        drops: [(rows: Set<NaiveRowName>, at: UInt64)], erasures: [NaiveErasure], merges: [UInt64]
    ) throws {
        self.schema = schema
        self.merges = merges
        model = NaiveModel(schema: schema, changes: [])
        var orders = erasures
        // What came in a bundle and came to name an erased row.
        var late: Set<NaiveRowName> = []
        var last: UInt64 = 0
        func requireNoneMissed() throws {
            let missed = naming(late, orders.filter { $0.at <= last })
            guard missed.isEmpty else { throw ScriptComplaint("no order took \(missed.sorted()), at \(last)") }
        }
        for entry in log {
            if bundle(of: entry.position) != bundle(of: last) {
                try requireNoneMissed()
                late = []
            }
            last = entry.position
            if entry.note.hasPrefix("erasure ") {
                // ERA-6: an order that the hub issued by itself is about what came with its bundle and names an erased row
                // still, with what refers to that.
                if !orders.contains(where: { $0.at == entry.position }) {
                    let before = orders.filter { $0.at < entry.position }
                    let rows = naming(late, before)
                    guard !rows.isEmpty else { throw ScriptComplaint("the order at \(last) follows from nothing") }
                    let all = past(before).referring(to: rows)
                    orders.append(NaiveErasure(at: entry.position, rows: all, unit: nil, blank: .null))
                }
                late = []
                unerased[entry.dot] = NaiveChange(dot: entry.dot, time: .init(milliseconds: 0), seen: [], rows: [:])
                continue
            }
            if entry.note == Engine.droppedNote {
                unerased[entry.dot] = NaiveChange(dot: entry.dot, time: .init(milliseconds: 0), seen: [], rows: [:])
                continue
            }
            guard let (change, cut) = changes[entry.dot] else {
                throw ScriptComplaint("\(entry.dot) is in the log and was never sealed")
            }
            cuts[entry.dot] = cut
            order.append((entry.position, entry.dot))
            let known = orders.filter { $0.at < entry.position && cut < $0.at }
            for (name, row) in change.rows where !known.contains(where: { $0.unit == nil && $0.rows.contains(name) }) {
                if known.contains(where: { $0.unit == nil && names(row, anyOf: $0.rows, in: name.table) }) {
                    late.insert(name)
                }
            }
            unerased[entry.dot] = change
        }
        try requireNoneMissed()
        replay(drops, orders)
        rebuild()
    }

    /// What the log holds so far, with these orders carried out.
    private func past(_ orders: [NaiveErasure]) -> NaiveGraves {
        var past = self
        for order in orders { past.carryOut(order) }
        return past
    }

    private mutating func carryOut(_ erasure: NaiveErasure) {
        for (_, dot) in order where cuts[dot] ?? 0 < erasure.at { erase(erasure, from: dot) }
    }

    /// Those of the rows that name an erased one, in a candidate whose author did not know of it.
    private func naming(_ rows: Set<NaiveRowName>, _ orders: [NaiveErasure]) -> Set<NaiveRowName> {
        if rows.isEmpty { return [] }
        let whole = NaiveModel(schema: schema, changes: past(orders).unerased.values)
        return rows.filter { name in
            let candidates = whole.row(name).units[name.table == "child" ? "parent" : "above"] ?? [:]
            return candidates.contains { dot, values in
                guard let value = values.first, value != .null else { return false }
                let parent = NaiveRowName(table: "parent", key: RowKey([value]))
                return orders.contains { $0.unit == nil && cuts[dot] ?? 0 < $0.at && $0.rows.contains(parent) }
            }
        }
    }

    private mutating func erase(_ erasure: NaiveErasure, from dot: Dot) {
        guard var change = unerased[dot] else { return }
        for (name, row) in change.rows {
            if let unit = erasure.unit {
                if erasure.rows.contains(name), row.writes[unit] != nil {
                    change.rows[name]?.writes[unit]?.values = [erasure.blank]
                }
            } else if erasure.rows.contains(name) {
                change.rows[name] = nil
            }
        }
        unerased[dot] = change
    }

    private func names(_ row: NaiveRowChange, anyOf rows: Set<NaiveRowName>, in table: String) -> Bool {
        let unit = table == "child" ? "parent" : "above"
        guard let value = row.writes[unit]?.values.first, value != .null else { return false }
        return rows.contains(NaiveRowName(table: "parent", key: RowKey([value])))
    }

    /// EXC-26: what the hub has forgotten, as its log went on. What brought a row back may itself be erased afterwards, also
    /// at the end of its bundle: the row is back all the same.
    private mutating func replay(_ drops: [(rows: Set<NaiveRowName>, at: UInt64)], _ orders: [NaiveErasure]) {
        var drops = drops[...]
        var orders = orders.sorted { $0.at < $1.at }[...]
        var seen: [Dot] = []
        func carryOut(_ graves: inout NaiveGraves, before position: UInt64) {
            while let next = orders.first, next.at < position {
                orders = orders.dropFirst()
                graves.carryOut(next)
                if next.unit == nil { for row in next.rows { graves.forgotten[row] = nil } }
            }
        }
        func drop(_ graves: inout NaiveGraves, before position: UInt64) {
            while let next = drops.first, next.at < position {
                drops = drops.dropFirst()
                carryOut(&graves, before: next.at + 1)
                for row in next.rows {
                    let dots = Set(seen.filter { graves.unerased[$0]?.rows[row] != nil })
                    graves.forgotten[row] = (dots, next.at)
                }
            }
        }
        var touched: Set<NaiveRowName> = []
        for (place, (position, dot)) in order.enumerated() {
            drop(&self, before: position)
            carryOut(&self, before: position)
            seen.append(dot)
            for (name, row) in (unerased[dot]?.rows ?? [:]).sorted(by: { $0.key < $1.key }) {
                touched.insert(name)
                guard let gone = forgotten[name] else { continue }
                let named = row.writes.values.reduce(into: row.deletionsReplaced) { $0.formUnion($1.replaced) }
                    .union(row.cover?.map(\.dot) ?? [])
                if !named.isDisjoint(with: gone.dots) || cuts[dot] ?? 0 < gone.at { recall(name, position) }
            }
            if place + 1 < order.count, bundle(of: order[place + 1].position) == bundle(of: position) { continue }
            rebuild(among: Set(seen))
            var open = Array(touched)
            touched = []
            while !open.isEmpty {
                while let name = open.popLast() {
                    for parent in named(by: name) where forgotten[parent] != nil && isEmpty(state(parent)) {
                        recall(parent, position)
                        rebuild(among: Set(seen))
                        open.append(parent)
                    }
                }
                open = fallenWithShown(among: Set(seen))
                for name in open { recall(name, position) }
                if !open.isEmpty { rebuild(among: Set(seen)) }
            }
        }
        drop(&self, before: .max)
        carryOut(&self, before: .max)
    }

    /// The forgotten rows that fell with a row which is shown, and name it (MRG-42, MRG-61).
    private func fallenWithShown(among dots: Set<Dot>) -> [NaiveRowName] {
        if forgotten.isEmpty { return [] }
        let whole = NaiveModel(schema: schema, changes: unerased.values.filter { dots.contains($0.dot) })
        let shown = Set(model.view().shown.keys)
        return forgotten.keys.filter { name in
            guard isEmpty(state(name)) else { return false }
            let row = whole.row(name)
            return named(by: row, name.table).contains { parent in
                parent != name && shown.contains(parent) && !state(parent).brings.isDisjoint(with: row.deletions.keys)
            }
        }.sorted()
    }

    /// Which of the bundles brought the changeset at a place of the log, by number.
    private func bundle(of position: UInt64) -> Int { merges.filter { $0 < position }.count }

    private mutating func recall(_ name: NaiveRowName, _ position: UInt64) {
        forgotten[name] = nil
        moved[name] = position
    }

    /// The model of what stands, without what is forgotten.
    private mutating func rebuild(among dots: Set<Dot>? = nil) {
        let changes = unerased.values.filter { dots?.contains($0.dot) ?? true }.map { change in
            var change = change
            for (name, gone) in forgotten where gone.dots.contains(change.dot) { change.rows[name] = nil }
            return change
        }
        model = NaiveModel(schema: schema, changes: changes)
    }

    // MARK: Questions

    func state(_ name: NaiveRowName) -> NaiveRow { model.row(name) }

    private func isEmpty(_ row: NaiveRow) -> Bool { row.held.isEmpty && row.deletions.isEmpty }

    var held: [NaiveRowName] { model.rowNames.filter { !isEmpty(state($0)) } }

    var everWritten: [NaiveRowName] { Set(unerased.values.flatMap(\.rows.keys)).sorted() }

    var shown: String {
        model.view().shown.sorted { $0.key < $1.key }.map { "\($0.key)\($0.value.map(\.display))" }.joined(
            separator: " ")
    }

    /// The last place in the log at which a row moved.
    func lastNamed(_ name: NaiveRowName) -> UInt64 {
        let named = order.last { unerased[$0.dot]?.rows[name] != nil }?.position ?? 0
        return max(named, moved[name] ?? 0)
    }

    /// What a row names in any candidate.
    func named(by name: NaiveRowName) -> Set<NaiveRowName> { named(by: state(name), name.table) }

    private func named(by row: NaiveRow, _ table: String) -> Set<NaiveRowName> {
        let unit = table == "child" ? "parent" : "above"
        return Set(
            (row.units[unit] ?? [:]).values.compactMap(\.first).filter { $0 != .null }
                .map { NaiveRowName(table: "parent", key: RowKey([$0])) })
    }

    /// A row and all that name it, held or forgotten (ERA-1).
    func referring(to row: NaiveRowName) -> Set<NaiveRowName> { referring(to: [row]) }

    private func referring(to rows: Set<NaiveRowName>) -> Set<NaiveRowName> {
        let whole = NaiveModel(schema: schema, changes: unerased.values)
        var found = rows
        var grew = true
        while grew {
            grew = false
            for name in whole.rowNames where !found.contains(name) {
                if !named(by: whole.row(name), name.table).isDisjoint(with: found) {
                    found.insert(name)
                    grew = true
                }
            }
        }
        return found
    }

    /// The dead rows that a row which stays names: they stay when all that can be dropped is (EXC-23).
    func undroppable() -> [NaiveRowName] {
        let shown = Set(model.view().shown.keys)
        var dead = Set(held.filter { !state($0).isAlive && !shown.contains($0) })
        let all = dead
        var shrank = true
        while shrank {
            shrank = false
            for name in held where !dead.contains(name) {
                for parent in named(by: name) where dead.remove(parent) != nil { shrank = true }
            }
        }
        return Array(all.subtracting(dead))
    }
}
