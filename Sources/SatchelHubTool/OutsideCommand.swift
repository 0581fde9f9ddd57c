internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-58.
struct OutsideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outside", abstract: "Lists changes of rows that their device could not hold, or takes them in.",
        subcommands: [OutsideList.self, OutsideAccept.self], defaultSubcommand: OutsideList.self)
}

struct OutsideList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists what waits for the operator.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = OutsideTold(try answer.hub(hub).outsideChanges())
        try Answer.give(told, json: answer.json, told.lines)
    }
}

struct OutsideAccept: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Takes in all that was set aside of a row, as if it had been when it came.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The table.") var table: String
    @Argument(help: "The row's key, one for each column of the primary key, written like a field of `load`.")
    var key: [String]
    @Option(help: ArgumentHelp("Who decides.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let hub = try answer.hub(hub)
        try hub.acceptSetAside(table: table, key: written(in: hub), actor: actor)
        let told = OutsideTold(try hub.outsideChanges())
        try Answer.give(told, json: answer.json, told.lines)
    }

    /// Of a table that the hub does not know no column says how its key is written: it is as it is listed.
    private func written(in hub: Hub) throws -> RowKey {
        do { return try hub.replica.key(of: table, written: key) } catch let error as UsageError {
            let listed = try hub.outsideChanges().first {
                $0.table == table && $0.key.values.map(\.display) == key
            }
            guard let listed else { throw error }
            return listed.key
        }
    }
}

/// CLI-58.
struct OutsideTold: Encodable {
    struct One: Encodable {
        let table: String
        let key: [ValueTold]
        let device: String
        let actor: String
        let dot: String
        let time: String
        let timeMs: Int64
        let reason: String
        let name: String

        private enum CodingKeys: CodingKey { case table, key, device, actor, dot, time, timeMs, reason }
    }

    let outside: [One]

    init(_ changes: [OutsideChange]) {
        outside = changes.map {
            One(
                table: $0.table, key: $0.key.told, device: $0.device, actor: $0.actor, dot: $0.dot.description,
                time: $0.time.told, timeMs: $0.time.milliseconds, reason: $0.reason, name: $0.key.display)
        }
    }

    var lines: [String] { outside.map { "\($0.table) \($0.name) of \($0.device), \($0.time): \($0.reason)" } }
}
