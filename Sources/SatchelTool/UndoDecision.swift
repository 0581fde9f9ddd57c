internal import ArgumentParser
internal import SatchelCommands

/// CLI-74.
struct UndoDecision: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo-decision", abstract: "Opens a decided conflict again, as it was; it syncs.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var decision: UndoDecisionOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try decision.undo(in: answer.replica(replica), answer) }
}
