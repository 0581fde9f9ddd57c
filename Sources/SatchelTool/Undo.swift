internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-44.
struct Undo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a deletion back, with all that fell with the row.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var undo: UndoOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try undo.undo(in: answer.replica(replica), answer) }
}
