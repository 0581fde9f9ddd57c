internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct RecordStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Says how far one record has come.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var record: RecordOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try record.status(in: answer.hub(hub).replica, answer) }
}
