/// A table of comma-separated values with a header line (RFC 4180), read whole.
///
/// Lines end at LF, CR or both; a quoted value may hold line ends, commas and doubled quotes. Lines without any
/// value are skipped.
struct CSVTable: Sendable {
    /// A row, and the number of the line that it begins on.
    struct Row: Sendable {
        let line: Int
        fileprivate let values: [String]
    }

    let name: String
    private let columns: [String: Int]
    let rows: [Row]

    init(name: String, bytes: [UInt8]) throws(DataError) {
        self.name = name
        var parser = Parser(bytes: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
        guard let header = try parser.row(of: name) else { throw DataError("\(name) is empty") }
        var columns: [String: Int] = [:]
        for (index, column) in header.values.enumerated() { columns[column] = index }
        var rows: [Row] = []
        while let row = try parser.row(of: name) {
            if row.values != [""] { rows.append(row) }
        }
        self.columns = columns
        self.rows = rows
    }

    /// Throws unless the header has all of these columns.
    func require(_ names: String...) throws(DataError) {
        for column in names where columns[column] == nil { throw DataError("\(name) has no column \(column)") }
    }

    /// The value under the first of these columns that the header has. Nil where it is empty or missing.
    func value(_ row: Row, _ names: String...) -> String? {
        for column in names {
            guard let index = columns[column] else { continue }
            return index < row.values.count && !row.values[index].isEmpty ? row.values[index] : nil
        }
        return nil
    }
}

/// Why a territory cannot be read from files, as a sentence for the person who named them.
struct DataError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension CSVTable {
    private struct Parser {
        let bytes: [UInt8]
        private var position = 0
        private var line = 1

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func row(of name: String) throws(DataError) -> Row? {
            guard position < bytes.count else { return nil }
            let start = line
            var values: [String] = []
            while true {
                values.append(try value(of: name, from: start))
                guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
                position += 1
            }
            endLine()
            return Row(line: start, values: values)
        }

        private mutating func value(of name: String, from start: Int) throws(DataError) -> String {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return plain() }
            position += 1
            var text: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "\"") {
                    guard position < bytes.count, bytes[position] == byte else {
                        return String(decoding: text, as: UTF8.self) + plain()
                    }
                    position += 1
                } else if byte == UInt8(ascii: "\n") {
                    line += 1
                }
                text.append(byte)
            }
            throw DataError("\(name), line \(start): a quote is never closed")
        }

        private mutating func plain() -> String {
            let start = position
            while position < bytes.count, ![0x0A, 0x0D, UInt8(ascii: ",")].contains(bytes[position]) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        private mutating func endLine() {
            guard position < bytes.count else { return }
            let isPair = bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
            position += isPair ? 2 : 1
            line += 1
        }
    }
}
