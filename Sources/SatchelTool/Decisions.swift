internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-74.
struct Decisions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the decisions of conflicts that can be undone here.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = DecisionsTold(try answer.replica(replica).decisions())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
