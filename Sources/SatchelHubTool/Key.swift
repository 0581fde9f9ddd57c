internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-65.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the hub's key into a file, from which a lost hub is rebuilt. Whoever has it is the hub.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(name: .shortAndLong, help: "The file to make.") var output: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let file: String
    }

    func run() throws {
        try answer.hub(hub).exportKey(to: output)
        try Answer.give(
            Told(file: output), json: answer.json, ["the key is in \(output): lock it away, apart from the hub"])
    }
}
