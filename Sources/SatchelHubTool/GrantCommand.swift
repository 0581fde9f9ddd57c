internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-56.
struct GrantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Serves a device exactly these scopes from now on, or says which it is served.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The device.") var device: String
    @Option(name: .customLong("scope"), help: ArgumentHelp("A scope; once for each.", valueName: "scope"))
    var scopes: [String] = []
    @Flag(help: "Serve it nothing.") var none = false
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let device: String
        let scopes: [String]
    }

    func validate() throws {
        guard scopes.isEmpty || !none else { throw ValidationError("give either --scope or --none") }
    }

    func run() throws {
        let hub = try answer.hub(hub)
        if none || !scopes.isEmpty { try hub.grant(device, scopes: scopes) }
        let told = Told(device: device, scopes: try hub.granted(device))
        try Answer.give(
            told, json: answer.json,
            ["\(device) is served \(told.scopes.isEmpty ? "nothing" : told.scopes.joined(separator: ", "))"])
    }
}
