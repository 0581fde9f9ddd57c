internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-85.
struct UnmergeRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unmerge-rows",
        abstract: "Takes a merge of rows back.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var unmerge: UnmergeOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try unmerge.unmerge(in: answer.hub(hub).replica, answer) }
}
