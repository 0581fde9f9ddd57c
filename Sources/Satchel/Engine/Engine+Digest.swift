internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Whether two replicas hold the same, as 64 hexadecimal digits (`Protocol/digest.md`).
extension Engine {
    /// Seals first. O(rows), streaming.
    package func digest() throws -> String {
        try seal()
        var hasher = Hasher256()
        for layout in store.layouts.sorted(by: { $0.schema.name.utf8.lexicographicallyPrecedes($1.schema.name.utf8) }) {
            // DIG-3: where nobody has said anything, the digest is that of the people's tables alone.
            if try layout.schema.name == factTable && store.rowCount(layout) == 0 { continue }
            var bytes: [UInt8] = []
            Value.text(layout.schema.name).appendCanonical(to: &bytes)
            try store.forEachRowByKey(layout) { values in
                bytes.append(5)
                for value in values { value.appendCanonical(to: &bytes) }
                if bytes.count > 1 << 16 {
                    hasher.update(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            hasher.update(bytes)
        }
        for conflict in try conflicts() {
            var bytes: [UInt8] = [6]
            Value.text(conflict.id).appendCanonical(to: &bytes)
            Value.text(conflict.kind.name).appendCanonical(to: &bytes)
            let hasData = conflict.kind == .values || conflict.kind == .mergedApart
            let candidates = hasData ? conflict.candidates : []
            bytes += UInt64(candidates.count).bigEndianBytes
            for candidate in candidates { for value in candidate.values { value.appendCanonical(to: &bytes) } }
            hasher.update(bytes)
        }
        return hasher.finish().description
    }
}
