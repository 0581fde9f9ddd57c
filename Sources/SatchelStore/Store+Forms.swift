public import SatchelModel

/// What a form was last saved with in one unit (INB-10).
public struct SavedUnit {
    /// As its columns hold what was entered.
    public let values: [Value]
    /// What that came to: as it is sealed, with the state that follows it, or while it is open as the table showed it.
    public var stood: [Value]
    /// The form's last write of the unit that has a name; nil: none has.
    public let dot: DotID?
    /// No write that has a name says so: it is not sealed, or it was no write of the form.
    public let isOpen: Bool

    public init(values: [Value], stood: [Value], dot: DotID?, isOpen: Bool) {
        self.values = values
        self.stood = stood
        self.dot = dot
        self.isOpen = isOpen
    }
}

/// What is to be noted of a form that is saved.
public struct SavedForm {
    public var units: [UnitID: SavedUnit] = [:]
    private let form: Int64
    private let row: Int64
    private let others: [Int64]

    /// Of one record so many forms are known, those that were saved last.
    private static let kept = 8
    /// The number of the list of rows on which values stood.
    fileprivate static let stood: Int64 = 3

    private static let note = """
        INSERT INTO satchel_form(h, form, unit, turn, dot, open, vals, stood)
        VALUES (?, ?, ?, (SELECT ifnull(max(turn), 0) + 1 FROM satchel_form WHERE h = ?), ?, ?, ?, ?)
        ON CONFLICT(h, form, unit) DO UPDATE SET
            turn = excluded.turn, dot = iif(excluded.dot = 0, satchel_form.dot, excluded.dot),
            open = excluded.open, vals = excluded.vals, stood = excluded.stood
        """

    private static let beside = "INSERT OR IGNORE INTO satchel_stood(h, list, id) VALUES (?, ?, ?)"

    private static let forget = """
        DELETE FROM satchel_form WHERE h = ? AND form NOT IN
            (SELECT form FROM satchel_form WHERE h = ? GROUP BY form ORDER BY max(turn) DESC LIMIT \(kept))
        """

    /// - Parameters:
    ///   - form: the number of its opening.
    ///   - row: the clock number of its record.
    ///   - others: those of the rows merged into that, on which values may have stood.
    public init(_ form: UInt64, of row: Int64, beside others: [Int64]) {
        self.form = Int64(bitPattern: form)
        self.row = row
        self.others = others
    }

    /// Takes what the table shows of these units, one column after the other: triggers had their say.
    public mutating func stand(_ units: [UnitID], _ shown: [Value]) {
        var rest = shown[...]
        for unit in units {
            guard let width = self.units[unit]?.values.count else { continue }
            self.units[unit]?.stood = Array(rest.prefix(width))
            rest = rest.dropFirst(width)
        }
    }

    /// The notes as SQL, for whoever writes them on another connection together with the row.
    public var notes: [(sql: String, values: [Value])] {
        if units.isEmpty { return [] }
        var notes: [(sql: String, values: [Value])] = []
        for (unit, saved) in units.sorted(by: { $0.key < $1.key }) {
            let values: [Value] = [
                .integer(row), .integer(form), .integer(Int64(unit)), .integer(row), .integer(saved.dot ?? 0),
                .integer(saved.isOpen ? 1 : 0), .blob(RowKey(saved.values).canonical),
                .blob(RowKey(saved.stood).canonical),
            ]
            notes.append((sql: Self.note, values: values))
        }
        notes.append((sql: Self.forget, values: [.integer(row), .integer(row)]))
        for other in others {
            notes.append((sql: Self.beside, values: [.integer(other), .integer(Self.stood), .text(String(row))]))
        }
        return notes
    }
}

/// What forms were last saved with.
extension Store {
    /// By unit; empty: it was not saved, or is forgotten.
    ///
    /// - Parameter form: the number of its opening.
    public func saved(_ form: UInt64, of h: Int64) throws -> [UnitID: SavedUnit] {
        let select = try db.statement("SELECT unit, vals, stood, dot, open FROM satchel_form WHERE h = ? AND form = ?")
        select.bind(1, h).bind(2, Int64(bitPattern: form))
        var found: [UnitID: SavedUnit] = [:]
        while try select.step() {
            var values = RowReader(select.bytes(1))
            var stood = RowReader(select.bytes(2))
            let dot = select.integer(3)
            found[UnitID(truncatingIfNeeded: select.integer(0))] = SavedUnit(
                values: try values.key().values, stood: try stood.key().values, dot: dot == 0 ? nil : dot,
                isOpen: select.integer(4) != 0)
        }
        return found
    }

    public func note(_ form: SavedForm) throws {
        for (sql, values) in form.notes { try db.statement(sql).bind(values).run() }
    }

    /// A write by plain SQL is sealed: of forms that were saved with what the table showed of it then, it is theirs.
    public func nameSaved(
        in h: Int64, _ unit: UnitID, showing shown: [Value], as dot: DotID, sealed: [Value]
    ) throws {
        let update = try db.statement(
            "UPDATE satchel_form SET dot = ?, open = 0, stood = ? WHERE h = ? AND unit = ? AND open <> 0 AND stood = ?")
        try update.bind(1, dot).bind(2, blob: RowKey(sealed).canonical).bind(3, h).bind(4, Int64(unit))
            .bind(5, blob: RowKey(shown).canonical).run()
    }

    /// Forgets what forms of a row were saved with.
    ///
    /// - Parameter isStood: whether it is noted of any row that values stood on it.
    func forgetSaved(_ h: Int64, isStood: Bool) throws {
        try db.statement("DELETE FROM satchel_form WHERE h = ?").bind(1, h).run()
        guard isStood else { return }
        let delete = try db.statement("DELETE FROM satchel_stood WHERE list = ? AND id = ?")
        try delete.bind(1, SavedForm.stood).bind(2, String(h)).run()
    }

    /// Forgets what forms of the rows were saved with into which this one was merged.
    func forgetSaved(beside h: Int64) throws {
        let delete = try db.statement(
            "DELETE FROM satchel_form WHERE h IN "
                + "(SELECT CAST(id AS INTEGER) FROM satchel_stood WHERE h = ? AND list = ?)")
        try delete.bind(1, h).bind(2, SavedForm.stood).run()
    }
}
