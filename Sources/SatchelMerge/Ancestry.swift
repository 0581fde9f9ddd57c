internal import SatchelModel

/// The texts from which one came about, by the write that made each: what tells where two texts were last one (MRG-34).
///
/// A text is known by its write and not by its bytes, since one that is written anew is not the one that stood there before. Which came
/// from which is kept as in a history of versions; what two of them share last is their lowest common ancestor in that graph.
struct Ancestry: Equatable {
    /// Bytes of the longest text that is remembered: of a longer one the write alone is.
    static let bytes = 1 << 16
    /// How many are remembered: whoever is further behind than that meets a person.
    static let count = 8

    struct Ancestor: Equatable {
        /// One more than the greatest depth of what it came from.
        var depth: Int
        /// The writes that it came from.
        var before: Set<UInt64>
        /// Nil: it is too long.
        var text: [UInt8]?
    }

    /// By the id of the write.
    private(set) var ancestors: [UInt64: Ancestor] = [:]

    private static let kind: UInt8 = 4

    init() {}

    /// Deeper ones are younger; of equal ones the greater id is.
    private var sorted: [(key: UInt64, value: Ancestor)] {
        ancestors.sorted { ($0.value.depth, $0.key) < ($1.value.depth, $1.key) }
    }

    private var depth: Int { ancestors.values.map(\.depth).max() ?? 0 }

    /// With what is remembered of other roads to the same text.
    mutating func join(_ other: Ancestry) {
        ancestors.merge(other.ancestors) { own, other in
            Ancestor(
                depth: max(own.depth, other.depth), before: own.before.union(other.before), text: own.text ?? other.text
            )
        }
    }

    /// With the text itself, which came from all that is here.
    mutating func follow(_ text: [UInt8], _ id: UInt64) {
        ancestors[id] = Ancestor(
            depth: depth + 1, before: Set(ancestors.keys).subtracting([id]),
            text: text.count <= Self.bytes ? text : nil)
    }

    /// The youngest, as many as are remembered.
    mutating func shorten() {
        let ids = Set(sorted.suffix(Self.count).map(\.key))
        self = limited { ids.contains($0) }
    }

    func limited(to isLeft: (UInt64) -> Bool) -> Ancestry {
        var left = Ancestry()
        for (id, ancestor) in ancestors where isLeft(id) {
            var ancestor = ancestor
            ancestor.before = ancestor.before.filter(isLeft)
            left.ancestors[id] = ancestor
        }
        return left
    }

    // MARK: Bytes (BND-24)

    var blob: [UInt8] {
        var writer = StateWriter(kind: Self.kind)
        let all = sorted
        let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.key, $0) })
        writer.count(all.count)
        for (id, ancestor) in all {
            writer.word(id)
            writer.count(ancestor.depth)
            writer.byte(ancestor.before.reduce(0) { $0 | 1 << UInt8(places[$1] ?? 0) })
            writer.count(ancestor.text.map { $0.count + 1 } ?? 0)
            writer.append(ancestor.text ?? [])
        }
        return writer.bytes
    }

    /// Nil: these are not the bytes of an ancestry.
    init?(blob: [UInt8]) {
        guard var reader = StateBytes(blob, kind: Self.kind), let count = reader.count(),
            (1...Self.count).contains(count)
        else { return nil }
        var ids: [UInt64] = []
        var last: (depth: UInt64, id: UInt64)?
        for place in 0..<count {
            guard let id = reader.word(), let depth = reader.number(), depth > 0, depth <= UInt64(Int32.max),
                last.map({ ($0.depth, $0.id) < (depth, id) }) ?? true, !ids.contains(id), let mask = reader.byte(),
                Int(mask) < 1 << place, let length = reader.count()
            else { return nil }
            var text: [UInt8]?
            if length > 0 {
                guard length - 1 <= Self.bytes, let bytes = reader.run(of: length - 1) else { return nil }
                text = bytes
            }
            let before = ids.indices.filter { mask & 1 << UInt8($0) != 0 }.map { ids[$0] }
            ancestors[id] = Ancestor(depth: Int(depth), before: Set(before), text: text)
            ids.append(id)
            last = (depth, id)
        }
        guard reader.isAtEnd else { return nil }
    }
}
