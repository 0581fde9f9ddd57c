internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-82.
struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merges a row into another of its table; what refers to the first refers to the second. It syncs.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var merge: MergeOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try merge.merge(in: answer.replica(replica), answer) }
}
