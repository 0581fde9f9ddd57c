internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-20.
struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the history of a record: who, when, on which device, old and new.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "The record's table.") var table: String
    @Argument(help: "The record's key: a value for each of its columns.") var key: [String]
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let replica = try answer.replica(replica)
        let key = try replica.key(of: table, written: key)
        let past = try replica.past(table: table, key: key)
        let told = HistoryTold(table: table, key: key, complete: replica.isHub && past.isComplete, past.entries)
        try Answer.give(told, json: answer.json, told.lines)
    }
}
