internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-63.
struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Lists what revoked devices made since they were shut out, or lets some of it count after all.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("Let this changeset count.", valueName: "changeset")) var release: [String] = []
    @Option(help: ArgumentHelp("Let all of this device count.", valueName: "name")) var releaseAllOf: String?
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct Revoked: Encodable {
            let device: String
            let time: String
            let timeMs: Int64
        }

        struct Changeset: Encodable {
            let dot: String
            let device: String
            let time: String
            let timeMs: Int64
            let rows: Int
        }

        let released: Int
        let revoked: [Revoked]
        let changesets: [Changeset]
    }

    func run() throws {
        let hub = try answer.hub(hub)
        let asked = !release.isEmpty || releaseAllOf != nil
        let released = asked ? try hub.release(release, ofDevice: releaseAllOf) : 0
        let held = try hub.quarantine()
        let told = Told(
            released: released,
            revoked: held.revoked.map { .init(device: $0.device, time: $0.time.told, timeMs: $0.time.milliseconds) },
            changesets: held.changesets.map {
                .init(
                    dot: $0.dot.description, device: $0.device, time: $0.time.told, timeMs: $0.time.milliseconds,
                    rows: $0.rows)
            })
        try Answer.give(
            told, json: answer.json,
            (asked ? ["released: \(counted(released, "changeset"))"] : [])
                + told.revoked.map { "\($0.device) was shut out at \($0.time)" }
                + told.changesets.map { "\($0.dot) of \($0.device), \($0.time): \(counted($0.rows, "row"))" })
    }
}
