package import Satchel

/// What a bulk decision did (CLI-72).
package struct BulkTold: Encodable {
    package let decided: [String]
    package let left: [String]
    package let openConflicts: Int

    package init(_ report: BulkReport, open: Int) {
        (decided, left, openConflicts) = (report.decided, report.left, open)
    }

    package var line: String {
        "decided \(counted(decided.count, "conflict")), \(left.count) without a candidate for that rule; "
            + "\(counted(openConflicts, "conflict")) left open"
    }
}

/// The decisions that can be undone (CLI-74).
package struct DecisionsTold: Encodable {
    package struct Decision: Encodable {
        package let conflict: String
        package let table: String
        package let key: [ValueTold]
        package let unit: String
        package let values: [ValueTold]
        @OrNull package var act: String?
        package let author: WriterTold
    }

    package let decisions: [Decision]
    package let lines: [String]

    private enum CodingKeys: CodingKey { case decisions }

    package init(_ decisions: [StandingDecision]) {
        self.decisions = decisions.map { decision in
            Decision(
                conflict: decision.conflict, table: decision.table, key: decision.key.told, unit: decision.unit,
                values: decision.values.map(ValueTold.init), act: decision.act, author: WriterTold(decision.writer))
        }
        lines =
            decisions.isEmpty
            ? ["no decision can be undone here"]
            : decisions.map { decision in
                let about = decision.unit.isEmpty ? decision.table : "\(decision.table).\(decision.unit)"
                let what = decision.act ?? decision.values.map(\.display).joined(separator: ", ")
                return "\(decision.conflict)  \(about) of \(decision.key.display): \(what)  — "
                    + "\(decision.writer.device) \(decision.writer.time.told)"
            }
    }
}

/// What was overwritten and perhaps not seen (CLI-75).
package struct UnseenTold: Encodable {
    package struct One: Encodable {
        package let id: String
        package let table: String
        package let key: [ValueTold]
        package let unit: String
        package let columns: [String]
        package let was: [ValueTold]
        package let wasAuthor: WriterTold
        package let values: [ValueTold]
        package let author: WriterTold
    }

    package let unseen: [One]
    package let lines: [String]

    private enum CodingKeys: CodingKey { case unseen }

    package init(_ unseen: [Overwrite]) {
        self.unseen = unseen.map { one in
            One(
                id: one.id, table: one.table, key: one.key.told, unit: one.unit, columns: one.columns,
                was: one.was.map(ValueTold.init), wasAuthor: WriterTold(one.wasWriter),
                values: one.values.map(ValueTold.init), author: WriterTold(one.writer))
        }
        lines =
            unseen.isEmpty
            ? ["nothing was overwritten unseen"]
            : unseen.map { one in
                let was = one.was.map(\.display).joined(separator: ", ")
                let now = one.values.map(\.display).joined(separator: ", ")
                return
                    "\(one.id)  \(one.table).\(one.unit) of \(one.key.display): \(was) (\(one.wasWriter.device)) -> \(now)"
            }
    }
}

/// How far a record has come (CLI-76).
package struct RecordStatusTold: Encodable {
    package let table: String
    package let key: [ValueTold]
    package let level: String
    package let unsealed: Bool
    package let shown: Bool
    package let conflicts: [String]
    private let isDeleted: Bool

    private enum CodingKeys: CodingKey { case table, key, level, unsealed, shown, conflicts }

    package init(table: String, key: RowKey, _ status: RecordStatus) {
        self.table = table
        self.key = key.told
        level = status.level.name
        unsealed = status.isUnsealed
        shown = status.isShown
        conflicts = status.conflicts
        isDeleted = status.isDeleted
    }

    package var lines: [String] {
        let words =
            switch level {
            case "local_only": "only here: in no bundle yet"
            case "packed": "packed: the hub has given no receipt yet"
            case "at_hub": "at the hub"
            default: "everywhere: every device knows it"
            }
        let gone = isDeleted ? "deleted: `bin` lists it" : "not shown here: `bin` or `aside` says why"
        return (shown ? [] : [gone]) + [words] + conflicts.map { "conflict \($0) is open" }
    }
}
