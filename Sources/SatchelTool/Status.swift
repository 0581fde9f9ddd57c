internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-16.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what is at the hub, what is not, and what waits.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = StatusTold(try answer.replica(replica).status())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
