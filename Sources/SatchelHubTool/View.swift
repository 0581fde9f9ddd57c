internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct View: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keeps in a file what a record shows, for an edit that is saved later.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var view: ViewOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try view.write(answer.hub(hub).replica, answer) }
}
