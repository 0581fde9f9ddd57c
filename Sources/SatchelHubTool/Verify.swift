internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-39.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks every changeset against its author and its predecessor, and the file against itself.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let changesets: Int
        let rows: Int
        let redacted: Int
        let faults: [String]
    }

    func run() throws {
        let report = try answer.hub(hub).verify()
        let told = Told(
            changesets: report.changesets, rows: report.rows, redacted: report.redacted, faults: report.faults)
        let damage = told.faults.isEmpty ? nil : Complaint.damaged(hub, told.faults)
        if let damage { Answer.tell(damage) }
        try Answer.give(
            told, json: answer.json, ending: damage?.kind.rawValue ?? 0,
            ["\(counted(told.changesets, "changeset")), \(counted(told.rows, "row")), \(told.redacted) redacted"]
                + told.faults.map { "fault: \($0)" })
    }
}
