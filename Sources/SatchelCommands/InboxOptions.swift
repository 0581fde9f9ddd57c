package import ArgumentParser
package import Satchel

/// Giving a conflict to a person (CLI-73).
package struct AssignOptions: ParsableArguments {
    @Argument(help: "The id, as `conflicts` lists it.")
    package var conflict: String

    @Option(help: ArgumentHelp("Whom it is given to.", valueName: "who"))
    package var to: String?

    @Flag(help: "Give it to nobody.")
    package var nobody = false

    @Option(help: ArgumentHelp("Who gives it.", valueName: "who"))
    package var actor = ""

    package init() {}

    private struct Told: Encodable {
        let conflict: String
        @OrNull var assignee: String?
    }

    package func validate() throws {
        guard (to != nil) != nobody else { throw ValidationError("give either --to or --nobody") }
    }

    /// Assigns, and answers.
    package func assign(in replica: Replica, _ answer: AnswerOptions) throws {
        try replica.assign(conflict, to: to, actor: actor)
        try Answer.give(
            Told(conflict: conflict, assignee: to), json: answer.json,
            ["\(conflict) is \(to.map { "for \($0)" } ?? "for nobody")"])
    }
}

/// Taking a decision back (CLI-74).
package struct UndoDecisionOptions: ParsableArguments {
    @Argument(help: "The conflict's id, as `decisions` lists it.")
    package var conflict: String

    @Option(help: ArgumentHelp("Who undoes it.", valueName: "who"))
    package var actor = ""

    package init() {}

    /// Undoes, and answers.
    package func undo(in replica: Replica, _ answer: AnswerOptions) throws {
        try replica.undoDecision(conflict, actor: actor)
        let told = ResolveTold(conflict: conflict, openConflicts: try replica.status().conflicts)
        try Answer.give(
            told, json: answer.json,
            ["\(conflict) is open again; \(counted(told.openConflicts, "conflict")) open"])
    }
}

/// Overwrites that were perhaps made unseen (CLI-75).
package struct UnseenOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Take this one off the list: it was meant so.", valueName: "id"))
    package var seen: String?

    @Option(name: .customLong("take-back"), help: ArgumentHelp("Write the former value again.", valueName: "id"))
    package var takeBack: String?

    @Option(help: ArgumentHelp("Who takes it back.", valueName: "who"))
    package var actor = ""

    package init() {}

    package func validate() throws {
        guard seen == nil || takeBack == nil else { throw ValidationError("give one of --seen and --take-back") }
    }

    /// Does what is asked, and lists what is left.
    package func list(_ replica: Replica, _ answer: AnswerOptions) throws {
        if let seen { try replica.acknowledgeUnseen(seen) }
        if let takeBack { try replica.takeBackUnseen(takeBack, actor: actor) }
        let told = UnseenTold(try replica.unseen())
        try Answer.give(told, json: answer.json, told.lines)
    }
}

/// A record by its table and key (CLI-20).
package struct RecordOptions: ParsableArguments {
    @Argument(help: "The record's table.")
    package var table: String

    @Argument(help: "The record's key: a value for each of its columns.")
    package var key: [String]

    package init() {}

    /// How far it has come (CLI-76).
    package func status(in replica: Replica, _ answer: AnswerOptions) throws {
        let key = try replica.key(of: table, written: key)
        let told = RecordStatusTold(table: table, key: key, try replica.status(table: table, key: key))
        try Answer.give(told, json: answer.json, told.lines)
    }
}
