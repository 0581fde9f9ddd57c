internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-37.
struct Digest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the hub's digest, or the one that a device must print when it has everything.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(name: .customLong("for"), help: ArgumentHelp("The device.", valueName: "name")) var name: String?
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let digest = try answer.hub(hub).digest(for: name)
        try Answer.give(DigestTold(digest, for: name), json: answer.json, [digest])
    }
}
