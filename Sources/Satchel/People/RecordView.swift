public import SatchelModel

/// A record as a person has it open (INB-9): what each unit showed, and whose writes that was.
///
/// ```swift
/// let view = try replica.view(table: "client", key: key)      // the form opens
/// let kept = try JSONEncoder().encode(view)                    // and survives a restart of the app
/// try replica.edit(basedOn: view) { $0["phone"] = .text("0571-1111") }
/// ```
public struct RecordView: Sendable {
    public let table: String
    public let key: RowKey
    /// How far in the hub's log the replica was: whether it knew of an order to erase (ERA-5).
    let epoch: UInt64
    let position: UInt64
    /// The merges of other rows into the record, and what stood beside these.
    let merges: [Write]
    let units: [Seen]
    /// Tells this opening of the record from others: a form that is saved again is the same form (INB-10). 0: it is not told, as of a
    /// view that an older program kept.
    let opening: UInt64
    /// Columns that were renamed since: by their names of then, those of today (VER-5).
    var former: [String: String] = [:]

    struct Seen: Hashable, Sendable {
        /// Empty: the record's existence.
        let name: String
        let columns: [String]
        let values: [Value]
        /// What stands there: other than `values` where a reference is shown as NULL or as another (MRG-44, MRG-53).
        let stood: [Value]
        /// Of a text: what the shown value was made of, each with the texts behind it (MRG-34).
        let origins: [[Value]]
        /// The writes that the shown value was.
        let shown: [Write]
        /// All that were held, hidden ones too.
        let held: [Write]
    }

    /// A write of a unit. One changeset may have written it in two rows that are one since, and each is a write.
    struct Write: Hashable, Sendable {
        let dot: Dot
        /// The row merged into this one on which it stood; nil: the record itself.
        let row: RowKey?
    }

    /// What the record showed in a column outside its key; nil: it has no such column.
    public subscript(column: String) -> Value? {
        let column = name(of: column)
        for unit in units { if let place = unit.columns.firstIndex(of: column) { return unit.values[place] } }
        return nil
    }

    /// A column's name of today, where its name of then is given.
    package func name(of column: String) -> String { former[column] ?? column }

    /// The columns outside the key.
    public var columns: [String] { units.flatMap(\.columns) }
}

/// Two views are equal if they show the same of one record, whenever it was opened and whoever wrote that. They may stand for two
/// forms all the same, and an edit may replace other writes by one than by the other.
extension RecordView: Hashable {
    public static func == (a: RecordView, b: RecordView) -> Bool {
        a.table == b.table && a.key == b.key && a.columns == b.columns && a.values == b.values
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(table)
        hasher.combine(key)
        hasher.combine(columns)
        hasher.combine(values)
    }

    /// One for each of its columns.
    private var values: [Value] { units.flatMap(\.values) }
}

/// What a person changes in a record that they have open.
public struct RecordEdit: Sendable {
    private(set) var view: RecordView
    /// What was set, by the columns' names of today, be it as the view showed it or not.
    private(set) var values: [String: Value] = [:]
    private(set) var deletes = false

    init(_ view: RecordView) { self.view = view }

    /// The value that is to be, or that the view showed; nil: there is no such column outside the key. A column that
    /// the view does not have is not written. To set what the view showed changes nothing, unless the form was saved with
    /// something else since.
    public subscript(column: String) -> Value? {
        get { values[view.name(of: column)] ?? view[column] }
        set { if let newValue, view[column] != nil { values[view.name(of: column)] = newValue } }
    }

    /// Deletes the record: as far as it was seen, so that an edit which was not seen keeps it.
    public mutating func delete() { deletes = true }

    /// The same edit by what its form shows after it was saved.
    func again(_ view: RecordView, setting values: [String: Value]) -> RecordEdit {
        var edit = self
        (edit.view, edit.values) = (view, values)
        return edit
    }

    /// The units that differ from what the view showed, with their new values.
    var changed: [(seen: RecordView.Seen, values: [Value])] {
        view.units.compactMap { seen in
            let new = zip(seen.columns, seen.values).map { values[$0] ?? $1 }
            return new == seen.values ? nil : (seen, new)
        }
    }
}

/// What became of an edit.
public enum EditOutcome: Sendable, Equatable {
    /// Nothing differed from what the view showed, or its form was last saved with; or it stands there already.
    case unchanged
    case written
    /// Written, and these conflicts of the record are open: of what came meanwhile, or from before.
    case conflicts([String])
}

extension RecordView: Codable {
    private struct Form: Codable {
        struct Unit: Codable {
            let name: String
            let columns: [String]
            let values: [String]
            /// Nil: the same.
            let stood: [String]?
            /// Nil: none.
            let origins: [[String]]?
            let shown: [String]
            let held: [String]
        }

        let table: String
        let key: [String]
        let epoch: String
        let position: String
        /// Nil: none.
        let merges: [String]?
        let units: [Unit]
        /// Nil: 0.
        let opening: String?
    }

    public func encode(to encoder: any Encoder) throws {
        let form = Form(
            table: table, key: key.values.map(\.form), epoch: String(epoch), position: String(position),
            merges: merges.isEmpty ? nil : merges.map(\.form),
            units: units.map { unit in
                .init(
                    name: unit.name, columns: unit.columns, values: unit.values.map(\.form),
                    stood: unit.stood == unit.values ? nil : unit.stood.map(\.form),
                    origins: unit.origins.isEmpty ? nil : unit.origins.map { $0.map(\.form) },
                    shown: unit.shown.map(\.form), held: unit.held.map(\.form))
            }, opening: opening == 0 ? nil : String(opening))
        try form.encode(to: encoder)
    }

    public init(from decoder: any Decoder) throws {
        let form = try Form(from: decoder)
        func read<T>(_ texts: [String], _ one: (String) -> T?) throws -> [T] {
            let all = texts.compactMap(one)
            guard all.count == texts.count else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "this is no view of a record"))
            }
            return all
        }
        let numbers = try read([form.epoch, form.position, form.opening ?? "0"]) { UInt64($0) }
        (epoch, position, opening) = (numbers[0], numbers[1], numbers[2])
        table = form.table
        key = RowKey(try read(form.key) { Value(form: $0) })
        merges = try read(form.merges ?? []) { Write(form: $0) }
        units = try form.units.map { unit in
            guard unit.columns.count == unit.values.count, unit.stood?.count ?? unit.values.count == unit.values.count
            else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a value for each column is expected"))
            }
            return Seen(
                name: unit.name, columns: unit.columns, values: try read(unit.values) { Value(form: $0) },
                stood: try read(unit.stood ?? unit.values) { Value(form: $0) },
                origins: try (unit.origins ?? []).map { try read($0) { Value(form: $0) } },
                shown: try read(unit.shown) { Write(form: $0) }, held: try read(unit.held) { Write(form: $0) })
        }
    }
}

extension Value {
    /// Type and bytes as text: `n`, `i7`, `r` and 16 hexadecimal digits, `t` or `b` and the bytes in hexadecimal.
    fileprivate var form: String {
        switch self {
        case .null: "n"
        case .integer(let number): "i\(number)"
        case .real(let number): "r\(number.bitPattern.bigEndianBytes.hex)"
        case .text(let bytes): "t\(bytes.hex)"
        case .blob(let bytes): "b\(bytes.hex)"
        }
    }

    fileprivate init?(form: String) {
        let rest = String(form.dropFirst())
        switch form.first {
        case "n" where rest.isEmpty: self = .null
        case "i":
            guard let number = Int64(rest) else { return nil }
            self = .integer(number)
        case "r":
            guard let bits = UInt64(rest, radix: 16), rest.utf8.count == 16 else { return nil }
            self = .real(Double(bitPattern: bits))
        case "t":
            guard let bytes = [UInt8](hex: rest) else { return nil }
            self = .text(bytes)
        case "b":
            guard let bytes = [UInt8](hex: rest) else { return nil }
            self = .blob(bytes)
        default: return nil
        }
    }
}

extension RecordView.Write {
    /// The dot, and of a write on another row the values of its key.
    fileprivate var form: String {
        row.map { "\(dot.form)@\($0.values.map(\.form).joined(separator: "."))" } ?? dot.form
    }

    fileprivate init?(form: String) {
        let parts = form.split(separator: "@", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count < 3, let dot = Dot(form: String(first)) else { return nil }
        guard parts.count == 2 else {
            self.init(dot: dot, row: nil)
            return
        }
        let key = parts[1].split(separator: ".", omittingEmptySubsequences: false).map { Value(form: String($0)) }
        let values = key.compactMap(\.self)
        guard values.count == key.count else { return nil }
        self.init(dot: dot, row: RowKey(values))
    }
}

extension Dot {
    /// Origin, sequence and tag.
    fileprivate var form: String { "\(origin)-\(sequence)-\(tag.bigEndianBytes.hex)" }

    fileprivate init?(form: String) {
        let parts = form.split(separator: "-")
        guard parts.count == 3, let bytes = [UInt8](hex: String(parts[0])), let origin = OriginID(bytes: bytes),
            let sequence = UInt64(parts[1]), let tag = UInt64(parts[2], radix: 16)
        else { return nil }
        self.init(origin: origin, sequence: sequence, tag: tag)
    }
}
