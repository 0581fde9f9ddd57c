internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-64.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the hub into one file, while it goes on working, and remembers that it did.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The file to make.") var file: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let file: String
        let position: UInt64
    }

    func run() throws {
        let hub = try answer.hub(hub)
        try hub.backUp(to: file)
        try Answer.give(
            Told(file: file, position: hub.position()), json: answer.json, ["copied to \(file); keep it elsewhere"])
    }
}
