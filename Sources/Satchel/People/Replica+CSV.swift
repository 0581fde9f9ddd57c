internal import Foundation
public import SatchelModel
package import SatchelStore

/// What a load did.
public struct LoadReport: Sendable {
    public var rows = 0
    public var inserted = 0
    /// Rows whose key was there; a value that is the same is no change.
    public var found = 0
}

extension Replica {
    /// Reads a CSV file into a table: a row whose key is there is changed in the columns named, others are entered
    /// (CLI-23, CLI-24). All of it or nothing.
    ///
    /// Throws a `UsageError` that names the line if the file does not fit the table. O(file); the file is in memory.
    @discardableResult
    public func load(_ table: String, csv: [UInt8], named file: String, actor: String = "") throws -> LoadReport {
        try withEngine { engine in
            // What others wrote before is theirs.
            try engine.transaction { _ = try engine.seal() }
            return try engine.transaction {
                let layout = try engine.layout(named: table)
                var loader = try Loader(engine, layout, csv, file)
                try engine.store.db.setTriggers(true)
                let report = try loader.run()
                try engine.store.db.setTriggers(false)
                try engine.seal(actor: actor)
                return report
            }
        }
    }

    /// Writes a table as CSV, rows by key, in pieces of some rows (CLI-24, CLI-25).
    public func dump(_ table: String, to write: ([UInt8]) throws -> Void) throws {
        let (columns, affinities) = try columns(of: table)
        let comma = UInt8(ascii: ",")
        var bytes = Array(columns.map { CSVField.bytes(of: .text($0), .text) }.joined(separator: [comma]))
        bytes.append(0x0A)
        try forEachRow(of: table) { row in
            bytes += zip(row, affinities).map { CSVField.bytes(of: $0, $1) }.joined(separator: [comma])
            bytes.append(0x0A)
            if bytes.count > 1 << 16 {
                try write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try write(bytes)
    }

    /// Names and affinities of the columns that are data.
    package func columns(of table: String) throws -> (names: [String], affinities: [Affinity]) {
        try withEngine { engine in
            let layout = try engine.layout(named: table)
            return (layout.schema.columns.map(\.name), layout.affinities)
        }
    }

    /// Every row of a table, by key.
    package func forEachRow(of table: String, _ body: ([Value]) throws -> Void) throws {
        try withEngine { engine in
            try engine.transaction {
                try engine.store.forEachRowByKey(try engine.layout(named: table), body)
            }
        }
    }

    /// A key from its columns' values as written in CSV.
    public func key(of table: String, written: [String]) throws -> RowKey {
        try withEngine { engine in
            let layout = try engine.layout(named: table)
            let affinities = layout.affinities
            guard written.count == layout.schema.key.count else {
                let names = layout.schema.keyColumns.joined(separator: ", ")
                throw UsageError("the key of \(table) has other columns", try: "give a value for each of \(names)")
            }
            return RowKey(
                try zip(layout.schema.key, written).map { column, text in
                    try engine.store.asHeld(CSVField(written: text).value(affinities[column]), affinities[column])
                })
        }
    }

    /// A column's value as written in CSV.
    public func value(of table: String, column: String, written: String) throws -> Value {
        let (names, affinities) = try columns(of: table)
        guard let place = names.firstIndex(of: column) else {
            throw UsageError("table \(table) has no column \(column)", try: "name one of \(names)")
        }
        let value = try CSVField(written: written).value(affinities[place])
        return try withEngine { try $0.store.asHeld(value, affinities[place]) }
    }

    /// Decides a conflict for other values, written as in CSV, one for each column of the unit.
    public func resolve(_ id: String, written: [String], actor: String = "") throws {
        guard let conflict = try conflict(id) else {
            throw UsageError("no open conflict has the id \(id)", try: "list them with `conflicts`")
        }
        let (names, affinities) = try columns(of: conflict.table)
        let values = try zip(conflict.columns, written).map { column, text in
            try CSVField(written: text).value(names.firstIndex(of: column).map { affinities[$0] } ?? .none)
        }
        guard !conflict.columns.isEmpty, conflict.columns.count == written.count else {
            throw UsageError(
                "the unit in conflict has \(conflict.columns.count) columns, and \(written.count) values were given",
                try: conflict.columns.isEmpty
                    ? "keep 1 to keep the row, 2 to delete it"
                    : "give --value once for each of \(conflict.columns.joined(separator: ", "))")
        }
        try resolve(id, values: values, actor: actor)
    }
}

/// Loads the rows of one file, inside the caller's transaction, with triggers on.
private struct Loader {
    private let engine: Engine
    private let layout: TableLayout
    private let file: String
    private var reader: CSVReader
    /// For each field of a line, its column.
    private let columns: [Int]
    private let affinities: [Affinity]
    private let find: String
    private let update: String
    private let insert: String

    init(_ engine: Engine, _ layout: TableLayout, _ csv: [UInt8], _ file: String) throws {
        self.engine = engine
        self.layout = layout
        self.file = file
        reader = CSVReader(csv, name: file)
        guard let header = try reader.next() else {
            throw UsageError("\(file) is empty", try: "its first line names the columns")
        }
        let schema = layout.schema
        let names = header.fields.map(\.text)
        columns = try names.map { name in
            guard let column = schema.columns.firstIndex(where: { $0.name == name }) else {
                let known = schema.columns.map(\.name).joined(separator: ", ")
                throw UsageError(
                    "\(file) has a column \(name) that \(schema.name) has not", try: "its columns are \(known)")
            }
            return column
        }
        guard Set(columns).count == columns.count else {
            throw UsageError("\(file) names a column twice", try: "leave one of them out")
        }
        for key in schema.key where !columns.contains(key) {
            throw UsageError("\(file) has no column \(schema.columns[key].name), which is in the key", try: "add it")
        }
        affinities = layout.affinities
        let table = quoted(schema.name)
        let places = columns.enumerated().map { (column: $1, text: "\(quoted(schema.columns[$1].name)) = ?\($0 + 1)") }
        let byKey = places.filter { schema.key.contains($0.column) }.map(\.text).joined(separator: " AND ")
        let sets = places.filter { !schema.key.contains($0.column) }.map(\.text).joined(separator: ", ")
        find = "SELECT 1 FROM \(table) WHERE \(byKey)"
        update = sets.isEmpty ? "" : "UPDATE \(table) SET \(sets) WHERE \(byKey)"
        let list = columns.map { quoted(schema.columns[$0].name) }.joined(separator: ", ")
        insert =
            "INSERT INTO \(table)(\(list)) VALUES (\(columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")))"
    }

    mutating func run() throws -> LoadReport {
        var report = LoadReport()
        while let row = try reader.next() {
            guard row.fields.count == columns.count else {
                throw UsageError(
                    "line \(row.line) of \(file) has \(row.fields.count) fields, and its first line \(columns.count)",
                    try: "put quotes around commas and line ends")
            }
            let values = zip(row.fields, columns).map { $0.value(affinities[$1]) }
            do {
                report.rows += 1
                if try put(values) { report.inserted += 1 } else { report.found += 1 }
            } catch let error as StoreError where error.isConstraint || error.isMismatch {
                throw UsageError(
                    "line \(row.line) of \(file): \(error.message); nothing was loaded", try: "change that line")
            }
        }
        try checkReferences()
        return report
    }

    /// Whether the row was new.
    private func put(_ values: [Value]) throws -> Bool {
        let db = engine.store.db
        if update.isEmpty {
            let select = try db.statement(find)
            defer { select.reset() }
            if try select.bind(values).step() { return false }
        } else {
            try db.statement(update).bind(values).run()
            if db.changes > 0 { return false }
        }
        try db.statement(insert).bind(values).run()
        return true
    }

    private func checkReferences() throws {
        let check = try engine.store.db.statement("SELECT parent FROM pragma_foreign_key_check(?)")
        check.bind(1, layout.schema.name)
        defer { check.reset() }
        guard try check.step() else { return }
        throw UsageError(
            "\(file) has rows that refer to rows of \(check.string(0)) that are not here; nothing was loaded",
            try: "load \(check.string(0)) first")
    }
}
