internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-15.
struct Sync: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Meets the hub at a folder or a USB stick: takes what is there, leaves what the hub lacks.")

    @Argument(help: "The replica's file.") var replica: String
    @Option(help: ArgumentHelp("The folder, which must be there.", valueName: "dir")) var folder: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        @OrNull var received: BundleFate?
        @OrNull var sent: PackTold?
        let notes: [String]
        let setAside: Int
        let code: Int32
    }

    func run() throws {
        let replica = try answer.device(replica)
        let report = try replica.sync(folder: folder)
        let received = report.receivedFrom.flatMap { BundleFate.received(report, at: $0) }
        let sent = report.sent.map { PackTold(report.sentTo ?? folder, $0) }
        let aside = BundleFate.aside(report)
        let told = Told(
            received: received, sent: sent, notes: report.notes, setAside: report.setAside,
            code: max(received?.code ?? 0, aside))
        try Answer.give(
            told, json: answer.json, ending: told.code,
            report.notes + [received?.line ?? "nothing from the hub", sent?.line ?? "the hub has everything"])
    }
}
