internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelFieldwork
internal import SatchelHub

/// CLI-30.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes a hub.")

    @Argument(help: "The directory to make.") var hub: String
    @Option(help: ArgumentHelp("`fieldwork`, or a file of DDL (Protocol/schema.md).", valueName: "schema"))
    var schema = "fieldwork"
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let hub: String
        let dataSet: String
        let tables: [String]
        let localTables: [InitTold.Local]
    }

    func run() throws {
        let text =
            schema == "fieldwork" ? Fieldwork.schema : String(decoding: try Input.bytes(of: schema), as: UTF8.self)
        let made = try Hub.create(at: hub, schema: text)
        let tables = try InitTold(made.replica)
        let told = Told(
            hub: hub, dataSet: try made.replica.status().dataSet.description, tables: tables.tables,
            localTables: tables.localTables)
        try Answer.give(told, json: answer.json, ["\(hub) is a hub"] + tables.lines)
    }
}
