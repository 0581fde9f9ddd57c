internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-48.
struct Retire: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Gives up a device that will not come back: nothing waits for it any more. Its work is taken if it does.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The device.") var name: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let device: String
    }

    func run() throws {
        try answer.hub(hub).retire(name)
        try Answer.give(Told(device: name), json: answer.json, ["nothing waits for \(name) any more"])
    }
}
