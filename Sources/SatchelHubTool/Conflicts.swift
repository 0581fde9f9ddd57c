internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-40.
struct Conflicts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists what a person has to decide.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = ConflictsTold(try answer.hub(hub).conflicts())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
