import SatchelModel

/// The names that a message uses, each written once (BND-35).
///
/// Names are told apart by their bytes: Swift takes composed and decomposed characters for equal, SQLite does not.
struct NameTable {
    private var indices: [[UInt8]: Int] = [:]
    private(set) var names: [[UInt8]] = []

    mutating func add(_ name: String) {
        let bytes = Array(name.utf8)
        guard indices[bytes] == nil else { return }
        indices[bytes] = names.count
        names.append(bytes)
    }

    mutating func add(_ names: [String]) { for name in names { add(name) } }

    func encode(to writer: inout ByteWriter) {
        writer.count(names.count)
        for name in names { writer.counted(name) }
    }

    /// Writes the index of a name that was added.
    func write(_ name: String, to writer: inout ByteWriter) {
        guard let index = indices[Array(name.utf8)] else {
            preconditionFailure("every name is added before it is used")
        }
        writer.count(index)
    }

    func write(_ names: [String], to writer: inout ByteWriter) {
        writer.count(names.count)
        for name in names { write(name, to: &writer) }
    }

    // MARK: Reading

    static func decode(from reader: inout ByteReader) throws(WireError) -> [String] {
        let count = try reader.count()
        try reader.spend(count, each: 48)
        var names: [String] = []
        for _ in 0..<count { names.append(try reader.text("a name")) }
        return names
    }

    static func read(_ names: [String], from reader: inout ByteReader) throws(WireError) -> String {
        let index = try reader.varint()
        guard index < UInt64(names.count) else { throw reader.damaged("a name's index") }
        return names[Int(index)]
    }

    /// Reads a list of at most `Limits.columns` names.
    static func readList(_ names: [String], from reader: inout ByteReader) throws(WireError) -> [String] {
        let count = try reader.number(upTo: Limits.columns, "columns")
        try reader.spend(count, each: 64)
        var list: [String] = []
        for _ in 0..<count { list.append(try read(names, from: &reader)) }
        return list
    }
}
