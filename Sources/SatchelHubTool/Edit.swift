internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Changes a record as far as it was seen: what came since stays beside it.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var edit: EditOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try edit.edit(answer.hub(hub).replica, answer) }
}
