internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-74.
struct UndoDecision: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo-decision", abstract: "Opens a decided conflict again, as it was; it syncs.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "The conflict's id, as `decisions` lists it.") var conflict: String
    @Option(help: ArgumentHelp("Who undoes it.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let replica = try answer.replica(replica)
        try replica.undoDecision(conflict, actor: actor)
        let told = ResolveTold(conflict: conflict, openConflicts: try replica.status().conflicts)
        try Answer.give(
            told, json: answer.json,
            ["\(conflict) is open again; \(counted(told.openConflicts, "conflict")) open"])
    }
}
