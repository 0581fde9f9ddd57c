internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-85.
struct MergeRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge-rows",
        abstract: "Merges a row into another of its table; what refers to the first refers to the second.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var merge: MergeOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try merge.merge(in: answer.hub(hub).replica, answer) }
}
