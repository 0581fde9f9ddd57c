internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-17.
struct Conflicts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists what a person has to decide.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var page: ConflictsOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try page.list(answer.replica(replica), answer) }
}
