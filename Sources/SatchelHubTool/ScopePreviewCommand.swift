internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-55.
struct ScopePreviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "Says how many rows and bytes a device would get. Changes nothing.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(name: .customLong("for"), help: ArgumentHelp("A device, as it is granted.", valueName: "name"))
    var device: String?
    @Option(name: .customLong("scope"), help: ArgumentHelp("A scope; once for each.", valueName: "scope"))
    var scopes: [String] = []
    @Option(name: .customLong("rule"), help: ArgumentHelp("A rule not made yet; once for each.", valueName: "rule"))
    var rules: [String] = []
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let scopes: [String]
        let rows: Int
        let bytes: Int
        let tables: [TableTold]
    }

    func validate() throws {
        guard [device != nil, !scopes.isEmpty, !rules.isEmpty].filter({ $0 }).count == 1 else {
            throw ValidationError("give one of --for, --scope and --rule")
        }
    }

    func run() throws {
        let hub = try answer.hub(hub)
        let preview: ScopePreview
        if let device {
            preview = try hub.preview(device: device)
        } else {
            preview = try rules.isEmpty ? hub.preview(scopes: scopes) : hub.preview(rules: rules)
        }
        let told = Told(
            scopes: preview.scopes, rows: preview.rows, bytes: preview.bytes,
            tables: preview.tables.map { TableTold(table: $0.table, rows: $0.rows) })
        try Answer.give(
            told, json: answer.json,
            ["\(counted(told.rows, "row")), \(counted(told.bytes, "byte"))"]
                + told.tables.map { "\($0.table): \(counted($0.rows, "row"))" })
    }
}
