internal import SatchelModel

/// Texts that started from one: a three-way merge by words (MRG-34).
///
/// Each text's changes of the common base are found apart, and all of them made at once. For two texts that is diff3
/// as described by Khanna, Kunal and Pierce, "A formal investigation of diff3" (2007): changes that touch or overlap
/// are a conflict unless they are equal. For more it does not depend on their order.
public enum TextMerge {
    /// The merged text; nil: two of them changed the same words, or too much was changed. O(texts · words · changed).
    public static func merge(_ texts: [[UInt8]], base: [UInt8]) -> [UInt8]? {
        let words = Words.cut(base)
        var all: [Change] = []
        for text in texts {
            guard let changes = Difference.changes(from: words, to: Words.cut(text)) else { return nil }
            all += changes
        }
        all.sort { ($0.old.lowerBound, $0.old.upperBound) < ($1.old.lowerBound, $1.old.upperBound) }
        var merged: [UInt8] = []
        var place = 0
        var last: Change?
        for change in all where change != last {
            if let last, change.old.lowerBound <= last.old.upperBound { return nil }
            for word in words[place..<change.old.lowerBound] { merged += word }
            for word in change.new { merged += word }
            place = change.old.upperBound
            last = change
        }
        for word in words[place...] { merged += word }
        return merged
    }
}

/// The texts that an author started from, the oldest first: what tells where two texts were last one (MRG-34).
struct Ancestry: Hashable {
    /// Bytes of the longest text that is remembered: what is longer is never merged.
    static let bytes = 1 << 16
    /// How many are remembered: whoever is further behind than that meets a person.
    static let count = 4

    var texts: [[UInt8]] = []

    private static let kind: UInt8 = 3

    var blob: [UInt8] {
        var writer = StateWriter(kind: Self.kind)
        writer.count(texts.count)
        texts.forEach { writer.run($0) }
        return writer.bytes
    }

    init(_ texts: [[UInt8]]) { self.texts = texts }

    /// Nil: these are not the bytes of an ancestry.
    init?(blob: [UInt8]) {
        guard var reader = StateBytes(blob, kind: Self.kind), let count = reader.count() else { return nil }
        for _ in 0..<count {
            guard let text = reader.run() else { return nil }
            texts.append(text)
        }
        guard reader.isAtEnd else { return nil }
    }

    /// The same with a younger text, if it is one that can be remembered.
    func followed(by text: [UInt8]) -> Ancestry {
        guard text.count <= Self.bytes else { return Ancestry(texts) }
        return Ancestry(Array((texts.filter { $0 != text } + [text]).suffix(Self.count)))
    }

    /// How many texts ago this one was; nil: it is not among them.
    func age(of text: [UInt8]) -> Int? { texts.lastIndex(of: text).map { texts.count - 1 - $0 } }
}

/// The candidates of one unit of policy `text`, equal texts together.
struct TextCandidates {
    /// Sorted by text. The ancestries of a text end with the text itself, and are sorted too.
    private(set) var texts: [(text: [UInt8], ancestries: [Ancestry])] = []

    /// Nil: one of them is no text.
    init?(_ candidates: [Candidate]) {
        var ancestries: [[UInt8]: Set<Ancestry>] = [:]
        for candidate in candidates {
            guard case .text(let text)? = candidate.values.first else { return nil }
            let before = candidate.state(width: 1).flatMap { Ancestry(blob: $0) } ?? Ancestry([])
            ancestries[text, default: []].insert(Ancestry(before.texts + [text]))
        }
        texts = ancestries.map { (text: $0.key, ancestries: Self.sorted($0.value)) }
            .sorted { $0.text.lexicographicallyPrecedes($1.text) }
    }

    private static func sorted(_ ancestries: Set<Ancestry>) -> [Ancestry] {
        ancestries.sorted { a, b in
            if a.texts.count != b.texts.count { return a.texts.count < b.texts.count }
            for (left, right) in zip(a.texts, b.texts) where left != right {
                return left.lexicographicallyPrecedes(right)
            }
            return false
        }
    }

    /// The text from which all were made, of several the latest: the one that the author furthest from it left least
    /// long ago.
    var base: [UInt8]? {
        var best: (age: Int, text: [UInt8])?
        let first = Set(texts.first?.ancestries.flatMap(\.texts) ?? [])
        for text in first.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let ages = texts.map { $0.ancestries.compactMap { $0.age(of: text) }.min() }
            guard !ages.contains(nil), let oldest = ages.compactMap(\.self).max() else { continue }
            if best.map({ oldest < $0.age }) ?? true { best = (oldest, text) }
        }
        return best?.text
    }

    /// What they come to; nil: a person must look.
    var merged: [UInt8]? {
        guard texts.count > 1 else { return texts.first?.text }
        guard let base else { return nil }
        return TextMerge.merge(texts.map(\.text), base: base)
    }

    /// What a new text that takes the place of these remembers: how they came about and what was shown of them; where
    /// a person had to choose, all that they chose from.
    func ancestry(of new: [UInt8]) -> Ancestry {
        var line = Ancestry([])
        if texts.count == 1, let only = texts.first {
            line = Ancestry(only.ancestries.last?.texts.dropLast() ?? []).followed(by: only.text)
        } else if let merged, let base {
            let first = texts.first?.ancestries.first { $0.age(of: base) != nil }?.texts ?? []
            line = Ancestry(first.lastIndex(of: base).map { Array(first[...$0]) } ?? []).followed(by: merged)
        } else {
            for (text, _) in texts { line = line.followed(by: text) }
        }
        return Ancestry(line.texts.filter { $0 != new })
    }
}
