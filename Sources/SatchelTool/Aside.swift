internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-45.
struct Aside: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists what is held and cannot be shown, and why.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var aside: AsideOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try aside.list(answer.replica(replica), answer) }
}
