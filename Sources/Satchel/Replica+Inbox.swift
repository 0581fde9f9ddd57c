internal import Foundation
package import GRDB
public import SatchelModel
internal import SatchelStore

/// The inbox: deciding many conflicts, giving them to people, undoing (Protocol/inbox.md).
extension Replica {
    /// Decides all open conflicts that the filter takes in by one rule, in one changeset.
    @discardableResult
    public func resolve(_ filter: ConflictFilter, by rule: BulkRule, actor: String = "") throws -> BulkReport {
        try withEngine { engine in try engine.transaction { try engine.resolve(filter, by: rule, actor: actor) } }
    }

    /// Gives an open conflict to somebody; nil: to nobody. It syncs with the record.
    public func assign(_ conflict: String, to name: String?, actor: String = "") throws {
        try withEngine { engine in try engine.transaction { try engine.assign(conflict, to: name, actor: actor) } }
    }

    /// The decisions that stand and can be undone here, by conflict.
    public func decisions() throws -> [StandingDecision] {
        try withEngine { engine in try engine.reading { try engine.decisions() } }
    }

    /// Opens a decided conflict again, with the values that it had.
    public func undoDecision(_ conflict: String, actor: String = "") throws {
        try withEngine { engine in try engine.transaction { try engine.undoDecision(conflict, actor: actor) } }
    }

    /// What was overwritten here by plain SQL and perhaps not seen, by id.
    public func unseen() throws -> [Overwrite] {
        try withEngine { engine in
            try engine.transaction {
                try engine.seal()
                return try engine.unseen()
            }
        }
    }

    /// Takes an overwrite off the list: it was meant so.
    public func acknowledgeUnseen(_ id: String) throws {
        try withEngine { engine in
            try engine.transaction {
                try engine.seal()
                try engine.acknowledgeUnseen(id)
            }
        }
    }

    /// Writes the value again that was overwritten.
    public func takeBackUnseen(_ id: String, actor: String = "") throws {
        try withEngine { engine in try engine.transaction { try engine.takeBackUnseen(id, actor: actor) } }
    }

    /// How far one record has come. Throws a `UsageError` if it is not held here.
    public func status(table: String, key: RowKey) throws -> RecordStatus {
        try looking { try $0.status(table: table, key: key) }
    }
}

/// Edits that name what their author had open (INB-9).
extension Replica {
    /// The record as its table shows it now, to be kept while a person has it open; nil: it is not there. If it was
    /// entered since the last seal, that is sealed.
    public func view(table: String, key: RowKey) throws -> RecordView? {
        try withEngine { engine in
            if try engine.reading({ try engine.hasNoName(table: table, key: key) }) {
                try engine.transaction { _ = try engine.seal() }
            }
            return try engine.reading { try engine.view(table: table, key: key) }
        }
    }

    /// A view with its columns by their names of today; those that they had when it was made are understood too (VER-5).
    public func today(_ view: RecordView) throws -> RecordView {
        try withEngine { engine in try engine.reading { engine.today(view) } }
    }

    /// Writes what a person changed in a record that they have open, however long ago it was opened.
    ///
    /// ```swift
    /// try replica.edit(basedOn: view) { $0["phone"] = .text("0571-1111") }
    /// ```
    ///
    /// Only what differs from the view is written, and it replaces only what the view showed: what came meanwhile
    /// stays, and where it is the same unit, a person is asked. Where nothing came, it is an ordinary write with the
    /// app's triggers; else, or where something is asked of the record, it is sealed at once. A column that was renamed since is
    /// meant by either name.
    ///
    /// A view may be saved as often as its form is: what is set then is compared with what the form was last saved with on
    /// this replica, and replaces that. Of a record the last eight views that were saved are known; an older one is taken as it
    /// was opened.
    @discardableResult
    public func edit(
        basedOn view: RecordView, actor: String = "", _ body: (inout RecordEdit) throws -> Void
    ) throws -> EditOutcome {
        var edit = RecordEdit(try today(view))
        try body(&edit)
        return try withEngine { engine in
            if !edit.deletes {
                if try engine.reading({ try engine.again(edit) }).changed.isEmpty { return .unchanged }
                if try writePlainly(edit, engine) { return try engine.outcome(of: edit, actor: actor) }
            }
            return try engine.transaction { try engine.apply(edit, actor: actor) }
        }
    }

    /// Writes it as any program would, unless something came since; then nothing is written. Nothing can come between
    /// the look and the write: the file is locked for writing before.
    private func writePlainly(_ edit: RecordEdit, _ engine: Engine) throws -> Bool {
        try app.opened().writeWithoutTransaction { db in
            var isWritten = false
            try db.inTransaction(.immediate) {
                guard let sql = try engine.reading({ try engine.ordinary(edit) }) else { return .rollback }
                try db.execute(sql: sql.update, arguments: StatementArguments(sql.values))
                for unit in sql.units {
                    try db.execute(
                        sql: "INSERT OR IGNORE INTO satchel_seen(tbl, unit, key) VALUES (?, ?, ?)",
                        arguments: [sql.table, unit, Data(edit.view.key.canonical)])
                }
                if let form = sql.form { try note(form, sql, db) }
                isWritten = true
                return .commit
            }
            return isWritten
        }
    }

    /// Notes what a form was saved with, and what the table shows of that.
    private func note(_ form: SavedForm, _ sql: Engine.OrdinaryEdit, _ db: Database) throws {
        var form = form
        if let row = try Row.fetchOne(db, sql: sql.select, arguments: StatementArguments(sql.key)) {
            form.stand(sql.units, Array(row.databaseValues).map { Value($0) })
        }
        for (sql, values) in form.notes {
            try db.execute(sql: sql, arguments: StatementArguments(values.compactMap { DatabaseValue(plain: $0) }))
        }
    }
}

extension Engine {
    /// An edit as plain SQL.
    struct OrdinaryEdit {
        let update: String
        let values: [DatabaseValue]
        /// Reads its columns again.
        let select: String
        let key: [DatabaseValue]
        let table: Int64
        let units: [UnitID]
        /// Nil: nobody will know the form again.
        let form: SavedForm?
    }

    /// Nil: it would not replace exactly what the form showed, or cannot be written so (text that is no text to GRDB, or units that
    /// are not here any more).
    func ordinary(_ entered: RecordEdit) throws -> OrdinaryEdit? {
        let edit = try again(entered)
        guard !edit.changed.isEmpty, let layout = store.layout(named: edit.view.table),
            let members = try undisturbed(edit)
        else { return nil }
        var columns: [String] = []
        var values: [DatabaseValue] = []
        var units: [UnitID] = []
        for (seen, new) in edit.changed {
            guard let (unit, id) = unit(seen, of: layout) else { return nil }
            units.append(id)
            for (column, value) in zip(unit.columns.map({ layout.schema.columns[$0].name }), new) {
                guard let value = DatabaseValue(plain: value) else { return nil }
                columns.append(column)
                values.append(value)
            }
        }
        var conditions: [String] = []
        var key: [DatabaseValue] = []
        for (column, value) in zip(layout.schema.keyColumns, edit.view.key.values) {
            guard let value = DatabaseValue(plain: value) else { return nil }
            conditions.append("\(column.quotedDatabaseIdentifier) COLLATE BINARY = ?")
            key.append(value)
        }
        let table = layout.schema.name.quotedDatabaseIdentifier
        let byKey = conditions.joined(separator: " AND ")
        let names = columns.map(\.quotedDatabaseIdentifier)
        return OrdinaryEdit(
            update: "UPDATE \(table) SET \(names.map { "\($0) = ?" }.joined(separator: ", ")) WHERE \(byKey)",
            values: values + key, select: "SELECT \(names.joined(separator: ", ")) FROM \(table) WHERE \(byKey)",
            key: key, table: layout.id, units: units, form: try saving(edit, layout, members: members))
    }
}

extension Value {
    /// As GRDB read it.
    package init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob(Array(data))
            }
    }
}

extension DatabaseValue {
    /// Nil for text that GRDB would not pass on as it is: not UTF-8, or with NUL in it.
    package init?(plain value: Value) {
        switch value {
        case .null: self = .null
        case .integer(let number): self = number.databaseValue
        case .real(let number): self = number.databaseValue
        case .blob(let bytes): self = Data(bytes).databaseValue
        case .text(let bytes):
            guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { return nil }
            self = text.databaseValue
        }
    }
}
