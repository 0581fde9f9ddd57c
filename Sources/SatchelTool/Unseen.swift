internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-75.
struct Unseen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists values that came by a merge and were overwritten here, perhaps unseen.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Option(help: ArgumentHelp("Take this one off the list: it was meant so.", valueName: "id")) var seen: String?
    @Option(name: .customLong("take-back"), help: ArgumentHelp("Write the former value again.", valueName: "id"))
    var takeBack: String?
    @Option(help: ArgumentHelp("Who takes it back.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        guard seen == nil || takeBack == nil else { throw ValidationError("give one of --seen and --take-back") }
    }

    func run() throws {
        let replica = try answer.replica(replica)
        if let seen { try replica.acknowledgeUnseen(seen) }
        if let takeBack { try replica.takeBackUnseen(takeBack, actor: actor) }
        let told = UnseenTold(try replica.unseen())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
