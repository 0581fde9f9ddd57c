package import ArgumentParser
package import Satchel

/// The pairs that may be one thing entered twice (CLI-81).
package struct DuplicatesTold: Encodable {
    package struct Pair: Encodable {
        package let table: String
        package let first: [ValueTold]
        package let second: [ValueTold]
        package let reasons: [ReasonTold]
    }

    package let duplicates: [Pair]
    package let lines: [String]

    private enum CodingKeys: CodingKey { case duplicates }

    package init(_ found: [Duplicate]) {
        duplicates = found.map { pair in
            Pair(
                table: pair.table, first: pair.first.told, second: pair.second.told,
                reasons: pair.reasons.map(ReasonTold.init))
        }
        lines =
            found.isEmpty
            ? ["no two rows look like one thing"]
            : found.map { pair in
                let why = pair.reasons.map { ReasonTold($0).words }.joined(separator: "; ")
                return "\(pair.table)  \(pair.first.display)  \(pair.second.display)  (\(why))"
            }
    }
}

package struct ReasonTold: Encodable {
    package let kind: String
    package let columns: [String]
    @OrNull package var name: String?
    @OrNull package var percent: Int?

    package init(_ reason: Duplicate.Reason) {
        switch reason {
        case .naturalKey(let columns):
            (kind, self.columns) = ("natural_key", columns)
            (_name, _percent) = (OrNull(wrappedValue: nil), OrNull(wrappedValue: nil))
        case .similar(let name, let percent, let equal):
            (kind, columns) = ("similar", equal)
            (_name, _percent) = (OrNull(wrappedValue: name), OrNull(wrappedValue: percent))
        }
    }

    var words: String {
        let equal = columns.isEmpty ? "" : "\(columns.joined(separator: ", ")) equal"
        guard let name, let percent else { return equal }
        return "\(name) alike to \(percent) %\(equal.isEmpty ? "" : ", \(equal)")"
    }
}

/// Two rows of one table, and who acts on them (CLI-82, CLI-84).
package struct PairOptions: ParsableArguments {
    @Argument(help: "The table of both rows.")
    package var table: String

    @Argument(help: "The keys of the two rows, one after the other: a value for each column of the primary key.")
    package var keys: [String]

    @Option(help: ArgumentHelp("Who says so.", valueName: "who"))
    package var actor = ""

    package init() {}

    /// The keys of the two rows.
    package func pair(in replica: Replica) throws -> (first: RowKey, second: RowKey) {
        guard keys.count.isMultiple(of: 2) else {
            throw UsageError("the keys of two rows are needed", try: "give each value of the first, then of the second")
        }
        let half = keys.count / 2
        return (
            try replica.key(of: table, written: Array(keys[..<half])),
            try replica.key(of: table, written: Array(keys[half...]))
        )
    }
}

/// How a merge of two rows is said (CLI-82).
package struct MergeOptions: ParsableArguments {
    @OptionGroup package var pair: PairOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A column that the second row takes over from the first, with the unit it belongs to; may be given often.",
            valueName: "column"))
    package var take: [String] = []

    package init() {}

    package func merge(in replica: Replica, _ answer: AnswerOptions) throws {
        let (row, into) = try pair.pair(in: replica)
        let before = Set(try replica.setAside().map(\.name))
        let taken = try replica.merge(row, into: into, in: pair.table, taking: take, actor: pair.actor)
        // What names the merged row in its key cannot be shown as another's (MRG-53).
        let hidden = try replica.setAside().map(\.name).filter { !before.contains($0) }
        let told = MergedTold(
            table: pair.table, merged: row.told, into: into.told, taken: taken,
            aside: hidden.map { .init(table: $0.table, key: $0.key.told) })
        var words = [
            "merged \(row.display) into \(into.display)\(taken.isEmpty ? "" : ", taking \(taken.joined(separator: ", "))")"
        ]
        if !hidden.isEmpty {
            let names = hidden.map { "\($0.table) \($0.key.display)" }.joined(separator: ", ")
            words.append("set aside until it is unmerged, since their keys name it: \(names)")
        }
        try Answer.give(told, json: answer.json, words)
    }
}

package struct MergedTold: Encodable {
    package let table: String
    package let merged: [ValueTold]
    package let into: [ValueTold]
    /// The columns whose values were taken over.
    package let taken: [String]
    /// The rows that are not shown any more, since their keys name the merged row.
    package let aside: [Row]

    package struct Row: Encodable {
        package let table: String
        package let key: [ValueTold]
    }
}

extension SetAside {
    fileprivate struct Name: Hashable {
        let table: String
        let key: RowKey
    }

    fileprivate var name: Name { Name(table: table, key: key) }
}

/// How a merge is taken back (CLI-83).
package struct UnmergeOptions: ParsableArguments {
    @Argument(help: "The record's table.")
    package var table: String

    @Argument(help: "The key of the row that was merged into another: a value for each of its columns.")
    package var key: [String]

    @Option(help: ArgumentHelp("Who says so.", valueName: "who"))
    package var actor = ""

    package init() {}

    package func unmerge(in replica: Replica, _ answer: AnswerOptions) throws {
        let key = try replica.key(of: table, written: key)
        let other = try replica.survivor(of: key, in: table)
        let done = try replica.unmerge(key, in: table, actor: actor)
        let words = ["\(key.display) is a row of its own again"] + done.words(of: other.display)
        try Answer.give(
            UnmergedTold(table: table, key: key.told, restored: done.restored, left: done.left), json: answer.json,
            [words.joined(separator: "; ")])
    }
}

extension Unmerged {
    /// What became of what a merge took over, of the row that is left of it.
    func words(of other: String) -> [String] {
        var words: [String] = []
        if !restored.isEmpty { words.append("\(other) shows \(restored.joined(separator: ", ")) as before the merge") }
        if !left.isEmpty {
            words.append(
                "\(other) goes on with \(left.joined(separator: ", ")), which the merge took over: `log` says what stood there, at the hub always"
            )
        }
        return words
    }
}

package struct UnmergedTold: Encodable {
    package let table: String
    package let key: [ValueTold]
    /// The columns of the other row that show again what they showed before the merge.
    package let restored: [String]
    /// Those that the merge took over, and that stay so.
    package let left: [String]
}

/// How two rows are said not to be the same (CLI-84).
package struct DistinctOptions: ParsableArguments {
    @OptionGroup package var pair: PairOptions

    @Flag(help: "Take it back: list the pair again.")
    package var undo = false

    package init() {}

    package func declare(in replica: Replica, _ answer: AnswerOptions) throws {
        let (first, second) = try pair.pair(in: replica)
        try replica.declareDistinct(first, second, in: pair.table, !undo, actor: pair.actor)
        let told = DistinctTold(table: pair.table, first: first.told, second: second.told, distinct: !undo)
        try Answer.give(
            told, json: answer.json,
            ["\(first.display) and \(second.display) \(undo ? "are compared again" : "are not the same")"])
    }
}

package struct DistinctTold: Encodable {
    package let table: String
    package let first: [ValueTold]
    package let second: [ValueTold]
    package let distinct: Bool
}
