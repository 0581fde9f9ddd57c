internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct UndoDecision: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo-decision", abstract: "Opens a decided conflict again, as it was; it syncs.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var decision: UndoDecisionOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try decision.undo(in: answer.hub(hub).replica, answer) }
}
