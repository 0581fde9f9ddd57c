internal import ArgumentParser
internal import SatchelCommands

/// CLI-75.
struct Unseen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists values that came by a merge and were overwritten here, perhaps unseen.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var unseen: UnseenOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try unseen.list(answer.replica(replica), answer) }
}
