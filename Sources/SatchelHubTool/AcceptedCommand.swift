internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-89.
struct AcceptedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accepted",
        abstract: "Lists bundles that were accepted and are not merged: those that wait, and those that were refused.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("Merge this refused one once more with the next.", valueName: "digest"))
    var retry: [String] = []
    @Option(help: ArgumentHelp("Give this refused one up: it is gone.", valueName: "digest")) var drop: [String] = []
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct One: Encodable {
            let receipt: ReceiptTold
            @OrNull var reason: String?
        }

        let bytes: Int
        let bundles: [One]
    }

    func run() throws {
        let hub = try answer.hub(hub)
        if !retry.isEmpty { try hub.retryAccepted(retry) }
        if !drop.isEmpty { try hub.dropAccepted(drop) }
        let accepted = try hub.accepted()
        let told = Told(
            bytes: accepted.map(\.receipt.bytes).reduce(0, +),
            bundles: accepted.map {
                .init(receipt: ReceiptTold($0.receipt), reason: $0.reason)
            })
        try Answer.give(
            told, json: answer.json,
            told.bundles.map { one in "\(one.receipt.line): \(one.reason.map { "refused: \($0)" } ?? "waits")" })
    }
}
