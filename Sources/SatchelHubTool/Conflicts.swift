internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-40.
struct Conflicts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists what a person has to decide.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var page: ConflictsOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try page.list(answer.hub(hub).replica, answer) }
}
