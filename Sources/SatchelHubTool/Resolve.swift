internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-40.
struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Decides a conflict at the hub.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The id, as `conflicts` lists it; none with --all.") var conflict: String?
    @OptionGroup var decision: DecisionOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try decision.resolve(conflict, in: answer.hub(hub).replica, answer) }
}
