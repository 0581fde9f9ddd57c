internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-79.
struct Decisions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the decisions of conflicts that can be undone here.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = DecisionsTold(try answer.hub(hub).replica.decisions())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
