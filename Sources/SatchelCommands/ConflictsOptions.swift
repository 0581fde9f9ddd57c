package import ArgumentParser
package import Satchel

/// Which of the open conflicts are listed (CLI-17).
package struct ConflictsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("List so many at most.", valueName: "n"))
    package var limit: Int?

    @Option(help: ArgumentHelp("Go on after the conflict of this id.", valueName: "id"))
    package var after: String?

    package init() {}

    package func validate() throws {
        guard limit ?? 1 > 0 else { throw ValidationError("--limit is a number from 1 on") }
        if let after {
            guard after.utf8.count == 10, after.allSatisfy({ "0123456789abcdef".contains($0) }) else {
                throw ValidationError("--after is the id of a conflict: ten hexadecimal digits")
            }
        }
    }

    package func list(_ replica: Replica, _ answer: AnswerOptions) throws {
        let told = ConflictsTold(try replica.conflicts(after: after ?? "", limit: limit ?? .max))
        try Answer.give(told, json: answer.json, told.lines)
    }
}
