package import ArgumentParser
package import Satchel

/// The recycle bin (CLI-43).
package struct BinTold: Encodable {
    package struct Row: Encodable {
        package let table: String
        package let key: [ValueTold]
        package let columns: [String]
        package let values: [ValueTold]
        package let deletions: [WriterTold]
        @OrNull package var into: [ValueTold]?
    }

    package let rows: [Row]
    package let lines: [String]

    private enum CodingKeys: CodingKey { case rows }

    package init(_ entries: [BinEntry]) {
        rows = entries.map { entry in
            Row(
                table: entry.table, key: entry.key.told, columns: entry.columns,
                values: entry.values.map(ValueTold.init),
                deletions: entry.deletions.map(WriterTold.init), into: entry.into?.told)
        }
        lines =
            entries.isEmpty
            ? ["the recycle bin is empty"]
            : entries.flatMap { entry in
                let who = entry.deletions.map {
                    "\($0.time.told)  \($0.device)\($0.actor.isEmpty ? "" : " \($0.actor)")  \($0.dot)"
                }
                let row = "\(entry.table) \(entry.key.display)"
                let merged = entry.into.map { ", merged into \($0.display)" } ?? ""
                return ["\(row)\(merged): \(entry.values.map(\.display).joined(separator: ", "))"]
                    + who.map { "  \(entry.into == nil ? "deleted" : "by") \($0)" }
            }
    }
}

/// What an undo brought back (CLI-44).
package struct UndoTold: Encodable {
    package struct Row: Encodable {
        package let table: String
        package let key: [ValueTold]
    }

    package let rows: [Row]
    package let aside: Int
    /// The rows that merges had left of those.
    package let others: [UnmergedTold]
    package let lines: [String]

    private enum CodingKeys: CodingKey { case rows, aside, others }

    package init(_ undone: Undone) {
        rows = undone.rows.map { Row(table: $0.table, key: $0.key.told) }
        aside = undone.aside
        others = undone.others.map {
            UnmergedTold(table: $0.table, key: $0.key.told, restored: $0.values.restored, left: $0.values.left)
        }
        lines =
            undone.rows.map { "kept \($0.table) \($0.key.display)" }
            + undone.others.flatMap { $0.values.words(of: $0.key.display) }
            + (undone.aside > 0 ? ["\(counted(undone.aside, "row")) of these set aside: see `aside`"] : [])
    }
}

/// What is held and cannot be shown (CLI-45).
package struct SetAsideTold: Encodable {
    package struct Row: Encodable {
        package let table: String
        package let key: [ValueTold]
        package let kind: String
        package let reason: String
        package let columns: [String]
        package let values: [ValueTold]
        package let authors: [WriterTold]
    }

    package let aside: [Row]
    @OrNull package var shownAgain: Int?
    package let lines: [String]

    private enum CodingKeys: CodingKey { case aside, shownAgain }

    package init(_ rows: [SetAside], shownAgain: Int?) {
        aside = rows.map { row in
            Row(
                table: row.table, key: row.key.told, kind: row.kind.rawValue, reason: row.reason, columns: row.columns,
                values: row.values.map(ValueTold.init), authors: row.authors.map(WriterTold.init))
        }
        _shownAgain = OrNull(wrappedValue: shownAgain)
        lines =
            (shownAgain.map { ["tried again: \(counted($0, "row")) shown that were not"] } ?? [])
            + (rows.isEmpty
                ? ["nothing is set aside"]
                : rows.flatMap { row in
                    [
                        "\(row.table) \(row.key.display) (\(row.kind.rawValue)): \(row.reason)",
                        "  \(row.values.map(\.display).joined(separator: ", "))",
                    ]
                        + row.authors.map { author in
                            let actor = author.actor.isEmpty ? "" : " \(author.actor)"
                            return "  \(author.time.told)  \(author.device)\(actor)  \(author.dot)"
                        }
                })
            + Self.hints(rows.filter { $0.kind == .refused })
    }

    /// What can be done about rows that their tables refuse.
    private static func hints(_ refused: [SetAside]) -> [String] {
        let fixed = Set(refused.filter { !$0.canBeChanged }.map(\.table)).sorted().joined(separator: ", ")
        let changed =
            refused.contains(where: \.canBeChanged)
            ? ["one that is refused is changed or deleted by `view` and `edit`, or merged into another"] : []
        let entered =
            fixed.isEmpty
            ? []
            : [
                "one that is refused of \(fixed), whose rows are never changed or deleted, is entered anew with another value, "
                    + "and stays listed here"
            ]
        return changed + entered
    }
}

/// What is to be undone (CLI-44).
package struct UndoOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Undo every deletion of this changeset, as `bin` names it.", valueName: "dot"))
    package var changeset: String?

    @Option(help: ArgumentHelp("Who undoes it.", valueName: "who"))
    package var actor = ""

    @Argument(help: "The row: its table, and a value for each column of its key.")
    package var row: [String] = []

    package init() {}

    package func validate() throws {
        guard (changeset != nil) == row.isEmpty else { throw ValidationError("give either a row or --changeset") }
    }

    /// Undoes, and answers.
    package func undo(in replica: Replica, _ answer: AnswerOptions) throws {
        let undone: Undone
        if let changeset {
            undone = try replica.undo(changeset: changeset, actor: actor)
        } else {
            let key = try replica.key(of: row[0], written: Array(row.dropFirst()))
            undone = try replica.undo(table: row[0], key: key, actor: actor)
        }
        let told = UndoTold(undone)
        try Answer.give(told, json: answer.json, told.lines)
    }
}

/// Lists what is set aside, after another try if that is wanted (CLI-45).
package struct AsideOptions: ParsableArguments {
    @Flag(help: "Try first to show it once more.")
    package var retry = false

    package init() {}

    package func list(_ replica: Replica, _ answer: AnswerOptions) throws {
        let shown = retry ? try replica.retryAside() : nil
        let told = SetAsideTold(try replica.setAside(), shownAgain: shown)
        try Answer.give(told, json: answer.json, told.lines)
    }
}
