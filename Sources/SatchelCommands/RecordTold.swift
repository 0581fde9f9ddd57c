package import Satchel

/// The open conflicts (CLI-17).
package struct ConflictsTold: Encodable {
    package let conflicts: [ConflictTold]
    package let more: Int

    package init(_ page: ConflictPage) {
        conflicts = page.conflicts.map(ConflictTold.init)
        more = page.more
    }

    package var lines: [String] {
        guard let last = conflicts.last else { return ["no conflict is open"] }
        return conflicts.flatMap(\.lines)
            + (more > 0 ? ["\(counted(more, "more conflict")): go on with --after \(last.id)"] : [])
    }
}

package struct ConflictTold: Encodable {
    package struct Candidate: Encodable {
        package let number: Int
        package let values: [ValueTold]
        @OrNull package var act: String?
        package let shown: Bool
        package let authors: [WriterTold]
    }

    package let id: String
    package let kind: String
    package let table: String
    package let key: [ValueTold]
    package let unit: String
    package let columns: [String]
    package let candidates: [Candidate]
    @OrNull package var base: [ValueTold]?
    @OrNull package var assignee: String?
    package let neighbours: [NeighbourTold]
    let lines: [String]

    private enum CodingKeys: CodingKey {
        case id, kind, table, key, unit, columns, candidates, base, assignee, neighbours
    }

    package init(_ conflict: Conflict) {
        id = conflict.id
        kind = conflict.kind.name
        table = conflict.table
        key = conflict.key.told
        unit = conflict.unit
        columns = conflict.columns
        candidates = conflict.candidates.enumerated().map { index, candidate in
            Candidate(
                number: index + 1, values: candidate.values.map(ValueTold.init), act: candidate.act,
                shown: candidate.isShown, authors: candidate.authors.map(WriterTold.init))
        }
        _base = OrNull(wrappedValue: conflict.base?.map(ValueTold.init))
        _assignee = OrNull(wrappedValue: conflict.assignee)
        neighbours = conflict.neighbours.map(NeighbourTold.init)
        let about = conflict.kind == .values ? "\(conflict.table).\(conflict.unit)" : conflict.table
        let given = conflict.assignee.map { ", for \($0)" } ?? ""
        // Two that look alike are written so that they can be told apart: NULL and the empty text, 1 and the text 1.
        let displays = conflict.candidates.map(\.values).filter { !$0.isEmpty }
            .map { Self.words($0, \.display).onOneLine }
        let isPlain = Set(displays).count == displays.count
        func words(_ values: [Value]) -> String { Self.words(values, isPlain ? \.display : \.quoted) }
        let before = conflict.base.map { ["       before: \(words($0))"] } ?? []
        lines =
            ["\(conflict.id)  \(about) of \(conflict.key.display) (\(conflict.kind.name)\(given))"] + before
            + conflict.candidates.enumerated().map { index, candidate in
                let values = words(candidate.values)
                let what = candidate.act.map { values.isEmpty ? $0 : "\($0) into \(values)" } ?? values
                let who = candidate.authors.map {
                    "\($0.device)\($0.actor.isEmpty ? "" : " \($0.actor)") \($0.time.told)\(Self.clock(of: $0))"
                }
                return "  \(index + 1)\(candidate.isShown ? " *" : "  ") \(what)  — \(who.joined(separator: "; "))"
            }
            + conflict.neighbours.map { one in
                let place = one.unit.isEmpty ? one.table : "\(one.table).\(one.unit)"
                let values = one.values.map(\.display).joined(separator: ", ")
                return "       beside: \(place) of \(one.key.display) = \(values)  — \(one.writer.device)"
            }
    }

    private static func words(_ values: [Value], _ written: (Value) -> String) -> String {
        values.map(written).joined(separator: ", ")
    }

    /// How far a clock was known to be off, where that is a minute or more, and what it said, where that is more than five
    /// from the time.
    private static func clock(of writer: Conflict.Writer) -> String {
        let minutes = writer.clockOffset.magnitude / 60_000
        let (apart, isFar) = writer.time.milliseconds.subtractingReportingOverflow(writer.reading.milliseconds)
        var words: [String] = []
        if minutes > 0 {
            words.append("was \(counted(Int(minutes), "minute")) \(writer.clockOffset > 0 ? "behind" : "ahead")")
        }
        if isFar || apart.magnitude > 300_000 { words.append("said \(writer.reading.told)") }
        return words.isEmpty ? "" : " (its clock \(words.joined(separator: " and ")))"
    }
}

package struct WriterTold: Encodable {
    package let device: String
    package let actor: String
    package let time: String
    package let timeMs: Int64
    package let reading: String
    package let readingMs: Int64
    package let clockOffsetMs: Int64
    package let dot: String

    package init(_ writer: Conflict.Writer) {
        device = writer.device
        actor = writer.actor
        time = writer.time.told
        timeMs = writer.time.milliseconds
        reading = writer.reading.told
        readingMs = writer.reading.milliseconds
        clockOffsetMs = writer.clockOffset
        dot = writer.dot.description
    }
}

/// What else a changeset in conflict wrote (CLI-71).
package struct NeighbourTold: Encodable {
    package let table: String
    package let key: [ValueTold]
    package let unit: String
    package let columns: [String]
    package let values: [ValueTold]
    package let dot: String

    package init(_ neighbour: Conflict.Neighbour) {
        table = neighbour.table
        key = neighbour.key.told
        unit = neighbour.unit
        columns = neighbour.columns
        values = neighbour.values.map(ValueTold.init)
        dot = neighbour.writer.dot.description
    }
}

package struct ResolveTold: Encodable {
    package let conflict: String
    package let openConflicts: Int

    package init(conflict: String, openConflicts: Int) {
        self.conflict = conflict
        self.openConflicts = openConflicts
    }
}

/// The history of a record (CLI-20).
package struct HistoryTold: Encodable {
    package struct Entry: Encodable {
        package let time: String
        package let timeMs: Int64
        package let device: String
        package let actor: String
        package let act: String
        package let unit: String
        package let columns: [String]
        package let old: [[ValueTold]?]
        package let new: [ValueTold]
        package let note: String
        package let dot: String
    }

    package let table: String
    package let key: [ValueTold]
    package let complete: Bool
    package let entries: [Entry]
    package let lines: [String]

    private enum CodingKeys: CodingKey { case table, key, complete, entries }

    package init(table: String, key: RowKey, complete: Bool, _ history: [HistoryEntry]) {
        self.table = table
        self.key = key.told
        self.complete = complete
        entries = history.map { entry in
            Entry(
                time: entry.time.told, timeMs: entry.time.milliseconds, device: entry.device, actor: entry.actor,
                act: entry.act, unit: entry.unit, columns: entry.columns,
                old: entry.old.map { $0?.map(ValueTold.init) }, new: entry.new.map(ValueTold.init), note: entry.note,
                dot: entry.dot.description)
        }
        lines = Self.lines(history) + (complete ? [] : ["older changes may be known at the hub alone"])
    }

    /// Of an insert only what was entered, or that it was one.
    private static func lines(_ history: [HistoryEntry]) -> [String] {
        func words(_ values: [Value]) -> String { values.map(\.display).joined(separator: ", ") }
        func isTold(_ entry: HistoryEntry) -> Bool {
            entry.act != "insert" || !entry.old.isEmpty || entry.new.contains { $0 != .null }
        }
        let told = Set(history.filter(isTold).map(\.dot))
        var bare: Set<Dot> = []
        return history.compactMap { entry in
            let isBare = !told.contains(entry.dot)
            guard isBare ? bare.insert(entry.dot).inserted : isTold(entry) else { return nil }
            let who = "\(entry.time.told)  \(entry.device)\(entry.actor.isEmpty ? "" : " \(entry.actor)")"
            let old = entry.old.map { $0.map(words) ?? "(not held here)" }.joined(separator: " | ")
            var change = entry.act == "merge" ? " into \(words(entry.new))" : ""
            if !isBare && !entry.unit.isEmpty {
                change = " \(entry.unit): \(old.isEmpty ? "" : "\(old) -> ")\(words(entry.new))"
            }
            return "\(who)  \(entry.act)\(change)\(entry.note.isEmpty ? "" : "  (\(entry.note))")"
        }
    }
}
