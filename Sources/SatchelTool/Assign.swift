internal import ArgumentParser
internal import SatchelCommands

/// CLI-73.
struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Gives a conflict to a person; it syncs with the record.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var assignment: AssignOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try assignment.assign(in: answer.replica(replica), answer) }
}
