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
        try Answer.give(told, json: answer.json, told.lines)
        guard told.sound else { throw Complaint.damaged(replica, told.faults) }
    }
}
