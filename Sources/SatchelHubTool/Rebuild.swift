internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-66.
struct Rebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes an empty hub anew from the key file of one that is lost; devices hand in all they hold.")

    @Argument(help: "A directory that is empty or not there.") var hub: String
    @Option(help: "The file that `key` wrote.") var key: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let hub: String
        let dataSet: String
        let epoch: UInt64
    }

    func run() throws {
        let made = try Hub.rebuild(at: hub, keyFile: key)
        let status = try made.replica.status()
        try Answer.give(
            Told(hub: hub, dataSet: status.dataSet.description, epoch: status.epoch), json: answer.json,
            ["made \(hub): merge a bundle of every device, give each its reply, and once more"])
    }
}
