internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-32.
struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Merges devices' bundles, one by one, and writes replies; a refused one stops no other.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: ArgumentHelp("The bundles.", valueName: "bundle")) var bundles: [String]
    @Option(help: ArgumentHelp("Write NAME.satchel here for every sender.", valueName: "dir")) var replies: String?
    @Flag(help: "With --replies: also for every other device that lacks something.") var all = false
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        guard !all || replies != nil else { throw ValidationError("--all goes with --replies") }
    }

    func run() throws {
        let told = MergeTold(try answer.hub(hub).merge(bundles, replies: replies, all: all))
        try Answer.give(told, json: answer.json, told.lines)
        try Verdict.check(told.code)
    }
}
