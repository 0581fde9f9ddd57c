internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-12.
struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what the hub has not receipted, or what another device lacks.")

    @Argument(help: "The replica's file.") var replica: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The bundle to write.", valueName: "file")) var output: String
    @Option(help: ArgumentHelp("Write for the device that made this file with `have`.", valueName: "file"))
    var have: String?
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let replica = try answer.device(replica)
        let report = try have.map { try replica.pack(for: $0, to: output) } ?? replica.pack(to: output)
        let told = PackTold(output, report)
        try Answer.give(told, json: answer.json, [told.line])
    }
}
