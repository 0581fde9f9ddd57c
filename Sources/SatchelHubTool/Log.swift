internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-38.
struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the changesets as they were merged. `satchel log HUB TABLE KEY` tells a record's history.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("Only what came after this position.", valueName: "n")) var after: UInt64 = 0
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct One: Encodable {
            let position: UInt64
            let dot: String
            let device: String
            let actor: String
            let note: String
            let time: String
            let timeMs: Int64
            let rows: Int
            let bytes: Int
            let redacted: Bool

            init(_ line: LogLine) {
                (position, dot, device) = (line.position, line.dot.description, line.device)
                (actor, note, time, timeMs) = (line.actor, line.note, line.time.told, line.time.milliseconds)
                (rows, bytes, redacted) = (line.rows, line.bytes, line.isRedacted)
            }
        }

        let changesets: [One]
    }

    func run() throws {
        let told = Told(changesets: try answer.hub(hub).log(after: after).map(Told.One.init))
        try Answer.give(
            told, json: answer.json,
            told.changesets.map {
                "\($0.position)  \($0.time)  \($0.device)\($0.actor.isEmpty ? "" : " \($0.actor)")  "
                    + "\(counted($0.rows, "row"))\($0.note.isEmpty ? "" : "  (\($0.note))")"
                    + ($0.redacted ? "  redacted" : "")
            })
    }
}
