internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-34.
struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes what a device lacks.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(name: .customLong("for"), help: ArgumentHelp("The device.", valueName: "name")) var name: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "file")) var output: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = PackTold(output, try answer.hub(hub).pack(for: name, to: output))
        try Answer.give(told, json: answer.json, [told.line])
    }
}
