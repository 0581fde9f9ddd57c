package import ArgumentParser
internal import Foundation
package import Satchel

/// Keeping what a record shows, for an edit later (CLI-77).
package struct ViewOptions: ParsableArguments {
    @OptionGroup package var record: RecordOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    package var output: String

    package init() {}

    private struct Told: Encodable {
        let file: String
        let table: String
        let key: [ValueTold]
        let columns: [String]
        let values: [ValueTold]
    }

    static func read(_ path: String) throws -> RecordView {
        try JSONDecoder().decode(RecordView.self, from: Data(Input.bytes(of: path)))
    }

    /// Writes the view to its file, and answers.
    package func write(_ replica: Replica, _ answer: AnswerOptions) throws {
        let key = try replica.key(of: record.table, written: record.key)
        guard let view = try replica.view(table: record.table, key: key) else {
            throw UsageError("no such record is in the table", try: "check the table and the key")
        }
        // A replica would be gone, with all that is only there.
        guard !FileManager.default.fileExists(atPath: output) || (try? Self.read(output)) != nil else {
            throw UsageError(
                "\(output) is there already and is no view of a record",
                try: "give another path, or move that file away")
        }
        try CarriedFile.write(Array(JSONEncoder().encode(view)), to: output)
        let values = view.columns.map { view[$0] ?? .null }
        try Answer.give(
            Told(
                file: output, table: view.table, key: key.told, columns: view.columns,
                values: values.map(ValueTold.init)), json: answer.json,
            zip(view.columns, values).map { "\($0): \($1.display)" })
    }
}

/// Writing a record as far as it was seen (CLI-78).
package struct EditOptions: ParsableArguments {
    @Option(name: .customLong("based-on"), help: ArgumentHelp("The file that `view` wrote.", valueName: "file"))
    package var basedOn: String

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A new value, written as in CSV; once for each column.", valueName: "column=value"))
    package var sets: [String] = []

    @Flag(help: "Delete the record, as far as it was seen.")
    package var delete = false

    @Option(help: ArgumentHelp("Who edits.", valueName: "who"))
    package var actor = ""

    package init() {}

    private struct Told: Encodable {
        let outcome: String
        let conflicts: [String]
        let columns: [String]
        let values: [ValueTold]
    }

    package func validate() throws {
        guard delete == sets.isEmpty else { throw ValidationError("give either --set or --delete") }
        guard sets.allSatisfy({ $0.contains("=") }) else { throw ValidationError("--set is COLUMN=VALUE") }
    }

    /// Edits, and answers.
    package func edit(_ replica: Replica, _ answer: AnswerOptions) throws {
        guard let opened = try? ViewOptions.read(basedOn) else {
            throw UsageError("\(basedOn) is no view of a record", try: "give a file that `view` wrote")
        }
        let view = try replica.today(opened)
        let values = try sets.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard view[parts[0]] != nil else {
                throw UsageError("the view has no column \(parts[0])", try: "name one of \(view.columns)")
            }
            let column = view.name(of: parts[0])
            return (column, try replica.value(of: view.table, column: column, written: parts[1]))
        }
        let outcome = try replica.edit(basedOn: view, actor: actor) { edit in
            for (column, value) in values { edit[column] = value }
            if delete { edit.delete() }
        }
        let (word, open): (String, [String]) =
            switch outcome {
            case .unchanged: ("unchanged", [])
            case .written: ("written", [])
            case .conflicts(let open): ("conflicts", open)
            }
        // A policy may show something else than what was written last.
        let now = try replica.view(table: view.table, key: view.key)
        let shown = values.compactMap { column, value in now?[column].map { (column: column, entered: value, is: $0) } }
        let others = shown.filter { $0.is != $0.entered }.map { "\($0.column) shows \($0.is.display)" }
        try Answer.give(
            Told(
                outcome: word, conflicts: open, columns: shown.map(\.column), values: shown.map { ValueTold($0.is) }),
            json: answer.json,
            [open.isEmpty ? word : "written beside what came since"] + others
                + open.map { "conflict \($0) is open" })
    }
}
