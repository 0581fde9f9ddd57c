internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-68.
struct Lost: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists what is waited for, or says that some of it will never come.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("Wait for this changeset no more.", valueName: "changeset")) var declare: [String] = []
    @Option(help: "Who says so.") var actor = ""
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct Awaited: Encodable {
            let changeset: String
            let what: String
            let waiting: Int
        }

        let released: Int
        let awaited: [Awaited]
    }

    func run() throws {
        let hub = try answer.hub(hub)
        let released = try hub.declareLost(declare, actor: actor)
        let told = Told(
            released: released,
            awaited: try hub.awaited().map { .init(changeset: $0.changeset, what: $0.words, waiting: $0.waiting) })
        try Answer.give(
            told, json: answer.json,
            (declare.isEmpty ? [] : ["let go: \(counted(released, "changeset"))"])
                + told.awaited.map { "\($0.changeset): \(counted($0.waiting, "changeset")) waiting for \($0.what)" })
    }
}
