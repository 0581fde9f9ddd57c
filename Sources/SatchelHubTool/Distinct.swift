internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-85.
struct Distinct: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says that two rows are not the same, so that the pair is not listed again.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var distinct: DistinctOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try distinct.declare(in: answer.hub(hub).replica, answer) }
}
