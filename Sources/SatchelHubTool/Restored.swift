internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-67.
struct Restored: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says that this hub was put back from a backup: devices that had come further hand in what they hold."
    )

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let epoch: UInt64
        let position: UInt64
    }

    func run() throws {
        let hub = try answer.hub(hub)
        try hub.restored()
        let status = try hub.replica.status()
        try Answer.give(
            Told(epoch: status.epoch, position: status.position), json: answer.json,
            [
                "begins anew at change \(status.position): merge a bundle of every device, give each its reply, and once more"
            ])
    }
}
