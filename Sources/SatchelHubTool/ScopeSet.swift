internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-53.
struct ScopeSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Makes a scope, or gives it other rules. Rows enter and leave it at once.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The scope's name.") var name: String
    @Option(
        name: .customLong("rule"),
        help: ArgumentHelp(
            "TABLE ALL, TABLE BY COLUMN 'VALUE', TABLE WHERE CONDITION or TABLE IN (COLUMN); once for each.",
            valueName: "rule"))
    var rules: [String]
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let hub = try answer.hub(hub)
        try hub.setScope(name, rules: rules)
        let told = ScopesTold(try hub.scopes().filter { $0.name == name })
        try Answer.give(told, json: answer.json, told.lines)
    }
}

/// CLI-53.
struct ScopeRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes a scope that no device is served.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The scope's name.") var name: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let hub = try answer.hub(hub)
        try hub.removeScope(name)
        let told = ScopesTold(try hub.scopes())
        try Answer.give(told, json: answer.json, told.lines)
    }
}

/// CLI-54.
struct ScopeList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the scopes, their rules, and who is served them.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = ScopesTold(try answer.hub(hub).scopes())
        try Answer.give(told, json: answer.json, told.lines)
    }
}

/// CLI-54.
struct ScopesTold: Encodable {
    struct One: Encodable {
        let name: String
        let rules: [String]
        let devices: [String]
        let rows: Int
        let faults: [String]
    }

    let scopes: [One]

    init(_ scopes: [Scope]) {
        self.scopes = scopes.map {
            One(name: $0.name, rules: $0.rules, devices: $0.devices, rows: $0.rows, faults: $0.faults)
        }
    }

    var lines: [String] {
        scopes.flatMap { scope in
            let devices = scope.devices.isEmpty ? "nobody" : scope.devices.joined(separator: ", ")
            return ["\(scope.name): \(counted(scope.rows, "row")); served to \(devices)"]
                + scope.rules.map { "  \($0)" } + scope.faults.map { "  matches nothing: \($0)" }
        }
    }
}
