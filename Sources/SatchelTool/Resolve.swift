internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-18, CLI-72.
struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Decides a conflict; the decision syncs.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "The id, as `conflicts` lists it; none with --all.") var conflict: String?
    @OptionGroup var decision: DecisionOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try decision.resolve(conflict, in: answer.replica(replica), answer) }
}
