internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Gives a conflict to a person; it syncs with the record.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var assignment: AssignOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try assignment.assign(in: answer.hub(hub).replica, answer) }
}
