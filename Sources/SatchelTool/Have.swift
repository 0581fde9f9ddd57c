internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-13.
struct Have: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what this replica has, so that another device can pack what it lacks.")

    @Argument(help: "The replica's file.") var replica: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file")) var output: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let file: String
        let bytes: Int
    }

    func run() throws {
        let bytes = try answer.device(replica).have(to: output)
        try Answer.give(Told(file: output, bytes: bytes), json: answer.json, ["\(output): \(counted(bytes, "byte"))"])
    }
}
