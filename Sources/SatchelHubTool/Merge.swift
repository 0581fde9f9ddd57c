internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-32, CLI-88.
struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merges devices' bundles, each by itself, and writes replies; a refused one stops no other.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: ArgumentHelp("The bundles.", valueName: "bundle")) var bundles: [String] = []
    @Flag(help: "Merge what `accept` stored, in the order in which it came.") var accepted = false
    @Option(help: ArgumentHelp("With --accepted: at most so many bundles.", valueName: "n")) var limit: Int?
    @Option(help: ArgumentHelp("Write NAME.satchel here for every sender.", valueName: "dir")) var replies: String?
    @Flag(help: "With --replies: also for every other device that lacks something.") var all = false
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        guard !all || replies != nil else { throw ValidationError("--all goes with --replies") }
        guard accepted == bundles.isEmpty else { throw ValidationError("name bundles, or say --accepted") }
        guard !accepted || replies == nil else { throw ValidationError("--replies goes with bundles") }
        guard limit == nil || accepted else { throw ValidationError("--limit goes with --accepted") }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit is 1 or more") }
    }

    func run() throws {
        let hub = try answer.hub(hub)
        let told = MergeTold(
            accepted
                ? try hub.mergeAccepted(limit: limit ?? .max) : try hub.merge(bundles, replies: replies, all: all))
        try Answer.give(told, json: answer.json, ending: told.code, told.lines)
    }
}
