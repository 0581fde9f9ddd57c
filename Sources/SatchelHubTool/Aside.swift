internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-46.
struct Aside: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists what is held and cannot be shown, and why.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var aside: AsideOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try aside.list(answer.hub(hub).replica, answer) }
}
