public import SatchelModel

/// Which rows of a table may be one thing entered twice (MRG-58, MRG-59): a function of the rows, whatever their order.
public struct Resembling: Sendable {
    /// By columns of the table.
    private let naturalKeys: [[Int]]
    private let name: Int?
    private let others: [Int]

    /// Rows of a block that each is compared with: bounds the work where a thousand share one telephone.
    static let neighbours = 16

    public init(_ table: TableSchema) {
        naturalKeys = table.naturalKeys
        name = table.similar.first
        others = Array(table.similar.dropFirst())
    }

    public var isEmpty: Bool { naturalKeys.isEmpty && name == nil }

    /// Why two rows are taken for one.
    public enum Reason: Sendable, Hashable {
        /// Equal on a natural key: which of the table's.
        case naturalKey(Int)
        /// The names are alike to so many per cent, and these columns are equal.
        case similar(percent: Int, equal: [Int])
    }

    /// What counts of a row, folded once.
    public struct Entry: Sendable {
        /// For each natural key; nil: it clashes with nothing.
        fileprivate let keys: [[Part]?]
        fileprivate let name: [Unicode.Scalar]
        fileprivate let pairs: [UInt64]
        /// For each other column; empty: equal to nothing.
        fileprivate let others: [String]
    }

    /// A value of a natural key as it is compared.
    fileprivate enum Part: Hashable {
        case folded(String)
        case stored(Value)
    }

    /// Folds a row, one value for each column of the table; NULL where nothing is known.
    public func entry(_ row: [Value]) -> Entry {
        func keyPart(_ value: Value) -> Part? {
            switch value {
            case .null: return nil
            case .text:
                let folded = Folding.text(value)
                return folded.isEmpty ? nil : .folded(folded)
            default: return .stored(value)
            }
        }
        let keys = naturalKeys.map { columns -> [Part]? in
            let parts = columns.compactMap { keyPart(row[$0]) }
            return parts.count == columns.count ? parts : nil
        }
        let folded = name.map { Folding.name(Folding.text(row[$0])) } ?? []
        return Entry(
            keys: keys, name: folded, pairs: Folding.pairs(of: folded),
            others: others.map { Folding.number(Folding.text(row[$0])) })
    }

    /// Why these two are taken for one; empty: they are not.
    public func compare(_ a: Entry, _ b: Entry) -> [Reason] {
        var reasons: [Reason] = []
        for (place, (left, right)) in zip(a.keys, b.keys).enumerated() {
            if let left, let right, left == right { reasons.append(.naturalKey(place)) }
        }
        guard !a.name.isEmpty, !b.name.isEmpty else { return reasons }
        let equal = others.indices.filter { !a.others[$0].isEmpty && a.others[$0] == b.others[$0] }
        let same = a.name == b.name
        guard same || !equal.isEmpty else { return reasons }
        let percent = same ? 100 : Folding.alikePercent(a.pairs, b.pairs)
        if same || percent >= 50 { reasons.append(.similar(percent: percent, equal: equal.map { others[$0] })) }
        return reasons
    }

    private enum Block: Hashable {
        case key(Int, [Part])
        case name([Unicode.Scalar])
        case other(Int, String)
    }

    /// The pairs among these, by index, the first of each before the second, in order. The entries must stand in the
    /// order of their rows' keys. O(n log n).
    public func pairs(among entries: [Entry]) -> [(first: Int, second: Int, reasons: [Reason])] {
        let order = entries.indices.sorted { a, b in
            entries[a].name != entries[b].name
                ? entries[a].name.lexicographicallyPrecedes(entries[b].name) : a < b
        }
        var blocks: [Block: [Int]] = [:]
        for index in order {
            for (place, key) in entries[index].keys.enumerated() {
                if let key { blocks[.key(place, key), default: []].append(index) }
            }
            guard !entries[index].name.isEmpty else { continue }
            blocks[.name(entries[index].name), default: []].append(index)
            for (place, other) in entries[index].others.enumerated() where !other.isEmpty {
                blocks[.other(place, other), default: []].append(index)
            }
        }
        var found: [UInt64: [Reason]] = [:]
        for block in blocks.values where block.count > 1 {
            for place in block.indices {
                for other in block[(place + 1)...].prefix(Self.neighbours) {
                    let (first, second) = (min(block[place], other), max(block[place], other))
                    let pair = UInt64(first) << 32 | UInt64(second)
                    if found[pair] != nil { continue }
                    let reasons = compare(entries[first], entries[second])
                    if !reasons.isEmpty { found[pair] = reasons }
                }
            }
        }
        return found.sorted { $0.key < $1.key }.map {
            (first: Int($0.key >> 32), second: Int($0.key & 0xFFFF_FFFF), reasons: $0.value)
        }
    }
}
