internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-62.
struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shuts a device out: what it handed in stays, whatever else it made is kept and has no effect.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The device.") var name: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let device: String
    }

    func run() throws {
        try answer.hub(hub).revoke(name)
        try Answer.give(
            Told(device: name), json: answer.json,
            ["\(name) is shut out; every device hears of it with its next bundle from here"])
    }
}
