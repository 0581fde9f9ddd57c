internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-31.
struct Enrol: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes enrolment files, each of which admits one device. Carry them like keys.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("The device: 1 to 32 of a-z, 0-9 and hyphens.", valueName: "name")) var name: String?
    @Option(help: ArgumentHelp("What people call it.", valueName: "text")) var displayName: String?
    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp("A scope that it is served; once for each.", valueName: "scope"))
    var scopes: [String] = []
    @Option(help: ArgumentHelp("Many: a CSV file with the columns name and display_name.", valueName: "names.csv"))
    var from: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write; with --from the folder.", valueName: "file"))
    var output: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct One: Encodable {
            let name: String
            let displayName: String
            let file: String
        }
        let enrolments: [One]
    }

    func validate() throws {
        guard (name == nil) != (from == nil) else { throw ValidationError("give either --name or --from") }
        guard from == nil || scopes.isEmpty else { throw ValidationError("--scope goes with --name") }
        guard from == nil || displayName == nil else {
            throw ValidationError("--display-name goes with --name; the file of --from has a column for it")
        }
    }

    func run() throws {
        let hub = try answer.hub(hub)
        var made: [Told.One] = []
        if let from {
            for (enrolment, path) in try hub.enrol(from: from, into: output) {
                made.append(.init(name: enrolment.name, displayName: enrolment.displayName, file: path))
            }
        } else {
            for enrolment in try hub.enrol(
                [(name ?? "", displayName ?? "", output)], scopes: scopes.isEmpty ? nil : scopes)
            {
                made.append(.init(name: enrolment.name, displayName: enrolment.displayName, file: output))
            }
        }
        try Answer.give(
            Told(enrolments: made), json: answer.json, made.map { "\($0.file): \($0.name), \($0.displayName)" })
    }
}
