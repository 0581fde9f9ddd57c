internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-87.
struct Accept: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stores devices' bundles on the disk, to be merged later, and gives a receipt for each.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: ArgumentHelp("The bundles.", valueName: "bundle")) var bundles: [String]
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct One: Encodable {
            let file: String
            let outcome: String
            @OrNull var receipt: ReceiptTold?
            @OrNull var error: String?
            let code: Int32
        }

        let bundles: [One]
        let code: Int32
    }

    func run() throws {
        let answers = try answer.hub(hub).accept(bundles.map { .file($0) })
        let told = zip(bundles, answers).map { file, answer in
            switch answer {
            case .accepted(let receipt):
                return Told.One(
                    file: file, outcome: "accepted", receipt: ReceiptTold(receipt),
                    error: nil, code: 0)
            case .refused(let complaint):
                Answer.tell(Complaint(complaint.kind, "\(file): \(complaint.sentence)", try: complaint.hint))
                return Told.One(
                    file: file, outcome: complaint.kind == .refused ? "refused" : "failed",
                    receipt: nil, error: complaint.sentence,
                    code: complaint.kind.rawValue)
            }
        }
        let code = told.map(\.code).max() ?? 0
        try Answer.give(
            Told(bundles: told, code: code), json: answer.json, ending: code,
            told.map { one in one.receipt.map { "\(one.file): accepted, \($0.line)" } ?? "\(one.file): \(one.outcome)" }
        )
    }
}

/// CLI-87.
struct ReceiptTold: Encodable {
    let bundle: String
    let digest: String
    let device: String
    let bytes: Int
    let accepted: String
    let acceptedMs: Int64

    init(_ receipt: BundleReceipt) {
        bundle = receipt.bundle
        digest = receipt.digest
        device = receipt.device
        bytes = receipt.bytes
        accepted = receipt.accepted.told
        acceptedMs = receipt.accepted.milliseconds
    }

    var line: String { "of \(device) at \(accepted), digest \(digest)" }
}
