internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-47.
struct Clean: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drops the deleted rows that every live device knows of, and says whom it waits for.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("From now on, keep deleted rows in the recycle bin this long.", valueName: "days"))
    var keepDays: Int?
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct Waiting: Encodable {
            let device: String
            let position: UInt64
            @OrNull var lastSeen: String?
            @OrNull var lastSeenMs: Int64?

            init(_ device: Device) {
                self.device = device.name
                position = device.standing.position
                _lastSeen = OrNull(wrappedValue: device.lastSeen?.told)
                _lastSeenMs = OrNull(wrappedValue: device.lastSeen?.milliseconds)
            }
        }

        let dropped: Int
        let dead: Int
        let archived: Int
        let keepDays: Int
        let known: UInt64
        let waitsFor: [Waiting]
    }

    func run() throws {
        let report = try answer.hub(hub).cleanUp(keepDays: keepDays)
        let told = Told(
            dropped: report.dropped, dead: report.dead, archived: report.archived, keepDays: report.keepDays,
            known: report.known, waitsFor: report.waitsFor.map(Told.Waiting.init))
        try Answer.give(
            told, json: answer.json,
            ["dropped \(counted(told.dropped, "deleted row")), kept \(told.dead) (at least \(told.keepDays) days)"]
                + told.waitsFor.map {
                    "\($0.device) knows the log up to \($0.position), last seen \($0.lastSeen ?? "never")"
                })
    }
}
