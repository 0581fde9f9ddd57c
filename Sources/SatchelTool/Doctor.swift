internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-26.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Checks a replica and mends what can be mended.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = DoctorTold(
            try Replica.doctor(at: answer.file(replica), busyMilliseconds: answer.busyMilliseconds))
        let damage = told.sound ? nil : Complaint.damaged(replica, told.faults)
        if let damage { Answer.tell(damage) }
        try Answer.give(told, json: answer.json, ending: damage?.kind.rawValue ?? 0, told.lines)
    }
}
