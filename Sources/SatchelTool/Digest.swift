internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-19.
struct Digest: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints 64 digits that are equal on replicas that hold the same.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let digest = try answer.replica(replica).digest()
        try Answer.give(DigestTold(digest, for: nil), json: answer.json, [digest])
    }
}
