internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-84.
struct Distinct: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says that two rows are not the same, so that the pair is not listed again.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var distinct: DistinctOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try distinct.declare(in: answer.replica(replica), answer) }
}
