package import ArgumentParser
internal import Foundation
package import Satchel

/// What every command takes.
package struct AnswerOptions: ParsableArguments {
    @Flag(help: "Answer with one JSON object on one line.")
    package var json = false

    @Option(
        name: .customLong("busy-ms"),
        help: ArgumentHelp(
            "How long to wait while another program writes to the file, in milliseconds.", valueName: "n"))
    package var busyMilliseconds = 10_000

    package init() {}

    package func validate() throws {
        guard (0...86_400_000).contains(busyMilliseconds) else {
            throw ValidationError("--busy-ms is a number of milliseconds up to a day")
        }
    }

    /// A replica's file.
    package func device(_ path: String) throws -> Replica {
        guard try Self.hub(in: path) == nil else {
            throw UsageError("\(path) is a hub", try: "use `satchel-hub` for it")
        }
        return try open(path)
    }

    /// A replica's file, or the directory of a hub (CLI-9).
    package func replica(_ path: String) throws -> Replica { try open(path) }

    private func open(_ path: String) throws -> Replica {
        try Replica.open(at: file(path), busyMilliseconds: busyMilliseconds)
    }

    /// The file of a replica or of a hub (CLI-9).
    package func file(_ path: String) throws -> String {
        if let hub = try Self.hub(in: path) { return hub }
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            throw UsageError("\(path) is a directory and not a hub", try: "give a replica's file")
        }
        return path
    }

    private static func hub(in path: String) throws -> String? {
        let file = path + "/hub.sqlite"
        return try Reachable.isThere(path) && Reachable.isThere(file) ? file : nil
    }
}

/// How a conflict is decided (CLI-18).
package struct DecisionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The candidate to keep, counted from 1.", valueName: "n"))
    package var keep: Int?

    @Option(
        name: .customLong("value"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Another value, once for each column of the unit, written as in CSV: nothing is NULL, \"\" is empty text.",
            valueName: "v"))
    package var values: [String] = []

    @Option(
        help: ArgumentHelp(
            "All open conflicts of TABLE, or of TABLE.UNIT, or with - of everything; goes with --rule. Names may stand in double quotes.",
            valueName: "filter"))
    package var all: String?

    @Option(help: ArgumentHelp("newer, older, shown or device=NAME; the hub is device=hub.", valueName: "rule"))
    package var rule: String?

    @Option(help: ArgumentHelp("With --all: only those that are given to this person.", valueName: "who"))
    package var assignedTo: String?

    @Option(help: ArgumentHelp("Who decides.", valueName: "who"))
    package var actor = ""

    package init() {}

    package func validate() throws {
        guard (all == nil) == (rule == nil), all != nil || assignedTo == nil else {
            throw ValidationError("--all and --rule go together")
        }
        let ways = [keep != nil, !values.isEmpty, rule != nil].filter { $0 }.count
        guard ways == 1 else { throw ValidationError("give one of --keep, --value and --all with --rule") }
        if let rule, BulkRule(rule) == nil {
            throw ValidationError("a rule is newer, older, shown or device=NAME")
        }
    }

    /// Decides, and answers.
    package func resolve(_ conflict: String?, in replica: Replica, _ answer: AnswerOptions) throws {
        if let all, let rule = rule.flatMap({ BulkRule($0) }) {
            guard conflict == nil else {
                throw UsageError("--all decides many conflicts", try: "leave the id away")
            }
            var filter = ConflictFilter(assignee: assignedTo)
            if all != "-" { (filter.table, filter.unit) = try replica.tableOrUnit(written: all) }
            let report = try replica.resolve(filter, by: rule, actor: actor)
            let told = BulkTold(report, open: try replica.status().conflicts)
            return try Answer.give(told, json: answer.json, [told.line])
        }
        guard let conflict else {
            throw UsageError("a conflict's id is missing", try: "list them with `conflicts`")
        }
        if let keep {
            try replica.resolve(conflict, keep: keep, actor: actor)
        } else {
            try replica.resolve(conflict, written: values, actor: actor)
        }
        let told = ResolveTold(conflict: conflict, openConflicts: try replica.status().conflicts)
        try Answer.give(
            told, json: answer.json, ["decided \(told.conflict); \(counted(told.openConflicts, "conflict")) left open"])
    }
}

/// "1 row", "2 rows".
package func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
