internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct Unseen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists values that came by a merge and were overwritten here, perhaps unseen.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var unseen: UnseenOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try unseen.list(answer.hub(hub).replica, answer) }
}
