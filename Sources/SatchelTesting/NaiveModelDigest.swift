internal import Crypto
package import SatchelModel

extension NaiveModel {
    /// `Protocol/digest.md`, byte for byte.
    package func digest() -> String { sha256(digestBytes()).hex }

    package func digestBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        let shown = view().shown
        for table in schema.tables.sorted(by: { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }) {
            bytes += canonical([.text(table.name)])
            for (_, values) in shown.filter({ $0.key.table == table.name }).sorted(by: { $0.key < $1.key }) {
                bytes.append(5)
                bytes += canonical(values)
            }
        }
        for conflict in conflicts() {
            bytes.append(6)
            bytes += canonical([.text(conflict.id), .text(conflict.kind)])
            bytes += UInt64(conflict.candidates.count).bigEndianBytes
            for candidate in conflict.candidates { bytes += canonical(candidate) }
        }
        return bytes
    }
}

extension NaiveConflict {
    /// MRG-18.
    package var id: String {
        let name = Array("satchel conflict v1".utf8) + [0] + canonical([.text(row.table)])
        return String(sha256(name + canonical(row.key.values) + canonical([.text(unit)])).hex.prefix(10))
    }
}

/// DIG-2, written out again so that a slip in the library's own form does not hide in both.
package func canonical(_ values: [Value]) -> [UInt8] {
    values.flatMap { value -> [UInt8] in
        switch value {
        case .null: [0]
        case .integer(let number): [1] + UInt64(bitPattern: number).bigEndianBytes
        case .real(let number): [2] + number.bitPattern.bigEndianBytes
        case .text(let text): [3] + UInt64(text.count).bigEndianBytes + text
        case .blob(let blob): [4] + UInt64(blob.count).bigEndianBytes + blob
        }
    }
}

/// MRG-31: the id under which a value without state counts, by the dot's tag and the key of the row on which it stands.
func naiveID(of dot: Dot, on key: RowKey) -> UInt64 {
    let named = Array("satchel value v1".utf8) + [0] + canonical([.integer(Int64(bitPattern: dot.tag))]).dropFirst()
    return sha256(named + canonical(key.values)).prefix(8).reduce(0) { $0 * 256 + UInt64($1) }
}

private func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
