internal import SatchelModel
internal import SatchelStore

/// One kept change of one record, read once and told later: what it replaced may have come after it.
struct PastChange {
    struct Written {
        let unit: UnitName
        let values: [Value]
        let replaced: [Dot]
    }

    let dot: Dot
    let head: ChangesetHeader
    let time: Timestamp
    let keyColumns: [String]
    /// The key of the row into which it was merged.
    let into: [Value]?
    let deletes: Bool
    let writesExistence: Bool
    let existenceReplaced: [Dot]
    let deletionsReplaced: [Dot]
    let covered: Set<UnitAndDot>
    /// Of what writes existence only a keep notes which deletions it takes away (MRG-61).
    let notesFallen: Bool
    let units: [Written]

    init(_ changeset: SealedChangeset, _ section: Section, _ row: Int, _ dots: [Dot]) {
        dot = changeset.dot
        head = changeset.head
        time = Timestamp(
            milliseconds: changeset.head.time.milliseconds &- Int64(clamping: section.ages[row]))
        keyColumns = section.keyColumns
        into = section.into?.map { $0[row] }
        deletes = section.cover != nil
        writesExistence = section.existence != nil
        existenceReplaced = section.existence?.of(row, dots) ?? []
        deletionsReplaced = section.deletionsReplaced.of(row, dots)
        covered = section.cover?.of(row, dots) ?? []
        notesFallen = section.units.contains { $0.unitName == Store.fell }
        units = section.units.filter { $0.unitName != Store.fell }.map { part in
            let values = part.values.prefix(part.tableColumns.count).map { $0[row] }
            return Written(unit: part.unitName, values: values, replaced: part.replaced.of(row, dots))
        }
    }

    /// All that it says its author held of the record.
    var known: Set<Dot> {
        Set(existenceReplaced + deletionsReplaced + units.flatMap(\.replaced) + covered.map(\.dot))
    }
}

struct UnitAndDot: Hashable {
    let unit: UnitName
    let dot: Dot
}

extension DotLists {
    fileprivate func of(_ row: Int, _ all: [Dot]) -> [Dot] {
        guard !isEmpty else { return [] }
        let start = counts[..<row].reduce(0) { $0 + Int($1) }
        return dots[start..<(start + Int(counts[row]))].map { all[Int($0)] }
    }
}

extension CoverLists {
    fileprivate func of(_ row: Int, _ all: [Dot]) -> Set<UnitAndDot> {
        guard !dots.isEmpty else { return [] }
        let start = counts[..<row].reduce(0) { $0 + Int($1) }
        return Set(
            (start..<(start + Int(counts[row]))).map {
                UnitAndDot(unit: names[Int(units[$0])], dot: all[Int(dots[$0])])
            })
    }
}

/// The kept changes of one record, in whatever order they came here (CLI-20).
struct RecordPast {
    private var changes: [PastChange] = []
    private var places: [Dot: Int] = [:]
    private var written: [UnitAndDot: [Value]] = [:]

    mutating func add(_ change: PastChange) {
        places[change.dot] = changes.count
        changes.append(change)
        for unit in change.units { written[UnitAndDot(unit: unit.unit, dot: change.dot)] = unit.values }
    }

    /// What was replaced, one list for each dot; nil where the changeset that wrote it is not kept here.
    func old(_ unit: PastChange.Written) -> [[Value]?] {
        unit.replaced.map { written[UnitAndDot(unit: unit.unit, dot: $0)] }
    }

    /// Whether all is kept that stands in the record, and all that its changes name.
    func holds(_ standing: [Dot]) -> Bool {
        standing.allSatisfy { places[$0] != nil } && changes.allSatisfy { $0.known.allSatisfy { places[$0] != nil } }
    }

    /// Oldest first: what replaced something comes after it, whatever the clocks said, and else by time and dot.
    /// O(n log n) for n changes and what they name.
    func inOrder() -> [PastChange] {
        var (followers, waits): ([[Int]], [Int]) = (changes.map { _ in [] }, changes.map { _ in 0 })
        for (place, change) in changes.enumerated() {
            for earlier in change.known.compactMap({ places[$0] }) where earlier != place {
                followers[earlier].append(place)
                waits[place] += 1
            }
        }
        // A change stands at its own time, or at that of the latest that it knew of, behind it.
        var stands = changes.map { (time: $0.time, behind: 0) }
        var ready = changes.indices.filter { waits[$0] == 0 }
        while let place = ready.popLast() {
            for later in followers[place] {
                let behind = (time: stands[place].time, behind: stands[place].behind + 1)
                if stands[later] < behind { stands[later] = behind }
                waits[later] -= 1
                if waits[later] == 0 { ready.append(later) }
            }
        }
        return changes.indices.sorted { a, b in
            stands[a] == stands[b] ? changes[a].dot < changes[b].dot : stands[a] < stands[b]
        }.map { changes[$0] }
    }

    /// Whether what wrote the record's existence was a keep (MRG-11) and no insert (MRG-10). Both take deletions away; but
    /// an insert stands over a dead row, all of it covered, and a keep writes only where something was not.
    func isKeep(_ change: PastChange, tableHasUnits: Bool) -> Bool {
        if change.notesFallen { return true }
        guard !change.deletionsReplaced.isEmpty || !change.existenceReplaced.isEmpty else { return false }
        let deletions = change.deletionsReplaced.compactMap { places[$0] }.map { changes[$0] }
        if change.units.isEmpty && tableHasUnits { return true }
        // Then the two are alike, but whoever decides something says so in a note.
        if change.units.isEmpty || deletions.count < change.deletionsReplaced.count { return !change.head.note.isEmpty }
        let covered = deletions.reduce(into: Set<UnitAndDot>()) { $0.formUnion($1.covered) }
        return change.units.allSatisfy { unit in
            unit.replaced.contains { !covered.contains(UnitAndDot(unit: unit.unit, dot: $0)) }
        }
    }
}
