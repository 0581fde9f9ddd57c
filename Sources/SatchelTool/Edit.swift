internal import ArgumentParser
internal import SatchelCommands

/// CLI-78.
struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Changes a record as far as it was seen: what came since stays beside it.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var edit: EditOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try edit.edit(answer.replica(replica), answer) }
}
