internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-16, CLI-76.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what is at the hub, what is not, and what waits.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "A record's table: then only how far that record has come.") var table: String?
    @Argument(help: "The record's key: a value for each of its columns.") var key: [String] = []
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        if let table {
            let replica = try answer.replica(replica)
            let key = try replica.key(of: table, written: key)
            let told = RecordStatusTold(table: table, key: key, try replica.status(table: table, key: key))
            return try Answer.give(told, json: answer.json, told.lines)
        }
        let told = StatusTold(try answer.replica(replica).status())
        try Answer.give(told, json: answer.json, told.lines)
    }
}
