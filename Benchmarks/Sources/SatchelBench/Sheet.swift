/// What a row of the table asks of a cost.
enum Goal {
    /// At most so many times plain SQLite's.
    case ratio(Double)
    /// At most, and at least, so many of the row's unit.
    case atMost(Double)
    case atLeast(Double)

    var number: Double {
        switch self {
        case .ratio(let number), .atMost(let number), .atLeast(let number): number
        }
    }

    func holds(value: Double, ratio: Double?) -> Bool {
        switch self {
        case .ratio(let most): ratio.map { $0 <= most } ?? false
        case .atMost(let most): value <= most
        case .atLeast(let least): value >= least
        }
    }
}

/// A row of the table, before anything was measured.
struct RowKind {
    let name: String
    let unit: String
    let goal: Goal
    /// How the cost may grow with the size of the data.
    var growth = Growth.Expected.withTheWork
}

/// Who does the work.
enum Side: CaseIterable { case plain, session, satchel }

/// The readings of rows at one size of the data, in the order of the table.
struct Sheet {
    struct Row {
        let kind: RowKind
        var plain: [Double] = []
        var session: [Double] = []
        var value: [Double] = []
        var mebibytes: [Double] = []
        var note = ""
    }

    private(set) var rows: [Row] = []

    /// Sets the order of rows whose readings come in another.
    mutating func open(_ kinds: RowKind...) { for kind in kinds { change(kind) { _ in } } }

    /// What a step held that was not timed.
    mutating func add(_ kind: RowKind, mebibytes: Double?) {
        change(kind) { row in if let mebibytes { row.mebibytes.append(mebibytes) } }
    }

    mutating func add(_ kind: RowKind, _ side: Side, _ value: Double, mebibytes: Double? = nil) {
        change(kind) { row in
            switch side {
            case .plain: row.plain.append(value)
            case .session: row.session.append(value)
            case .satchel:
                row.value.append(value)
                if let mebibytes { row.mebibytes.append(mebibytes) }
            }
        }
    }

    mutating func add(_ kind: RowKind, _ side: Side, _ cost: Cost) {
        add(kind, side, cost.seconds, mebibytes: cost.mebibytes)
    }

    /// Says something of a row that is no figure to compare.
    mutating func note(_ kind: RowKind, _ note: String) { change(kind) { $0.note = note } }

    private mutating func change(_ kind: RowKind, _ body: (inout Row) -> Void) {
        if let place = rows.firstIndex(where: { $0.kind.name == kind.name }) {
            body(&rows[place])
        } else {
            var row = Row(kind: kind)
            body(&row)
            rows.append(row)
        }
    }
}

/// The middle of the values, the upper one of two; nil: there are none.
func median(_ values: [Double]) -> Double? { values.isEmpty ? nil : values.sorted()[values.count / 2] }
