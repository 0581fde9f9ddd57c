internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-17.
struct Conflicts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists what a person has to decide.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = ConflictsTold(try answer.replica(replica).conflicts())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
