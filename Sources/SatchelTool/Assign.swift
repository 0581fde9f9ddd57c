internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-73.
struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Gives a conflict to a person; it syncs with the record.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "The id, as `conflicts` lists it.") var conflict: String
    @Option(help: ArgumentHelp("Whom it is given to.", valueName: "who")) var to: String?
    @Flag(help: "Give it to nobody.") var nobody = false
    @Option(help: ArgumentHelp("Who gives it.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let conflict: String
        @OrNull var assignee: String?
    }

    func validate() throws {
        guard (to != nil) != nobody else { throw ValidationError("give either --to or --nobody") }
    }

    func run() throws {
        try answer.replica(replica).assign(conflict, to: to, actor: actor)
        try Answer.give(
            Told(conflict: conflict, assignee: to), json: answer.json,
            ["\(conflict) is \(to.map { "for \($0)" } ?? "for nobody")"])
    }
}
