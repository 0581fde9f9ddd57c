internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-46.
struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a deletion back, with all that fell with the row.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var undo: UndoOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try undo.undo(in: answer.hub(hub).replica, answer) }
}
