internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-11.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes a replica from an enrolment.")

    @Argument(help: "The file to make.") var replica: String
    @Option(help: ArgumentHelp("The enrolment file from the hub.", valueName: "file")) var enrolment: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let replica: String
        let name: String
        let displayName: String
        let origin: String
        let dataSet: String
        let tables: [String]
        let localTables: [InitTold.Local]
    }

    func run() throws {
        let enrolment = try Enrolment(contentsOf: enrolment)
        let made = try Replica.create(at: replica, enrolment: enrolment)
        let tables = try InitTold(made)
        let told = Told(
            replica: replica, name: made.name, displayName: enrolment.displayName, origin: made.origin.description,
            dataSet: try made.status().dataSet.description, tables: tables.tables, localTables: tables.localTables)
        try Answer.give(told, json: answer.json, ["\(replica) is \(made.name)"] + tables.lines)
    }
}
