internal import ArgumentParser
internal import SatchelCommands

/// CLI-77.
struct View: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keeps in a file what a record shows, for an edit that is saved later.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var view: ViewOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try view.write(answer.replica(replica), answer) }
}
