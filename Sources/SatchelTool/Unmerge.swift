internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-83.
struct Unmerge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a merge back: the row is one of its own again.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var unmerge: UnmergeOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try unmerge.unmerge(in: answer.replica(replica), answer) }
}
