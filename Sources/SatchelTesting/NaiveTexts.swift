/// MRG-34, written from its words: which text two others were last.
enum NaiveHistory {
    struct Entry {
        var depth: Int
        var parents: Set<UInt64>
        var text: [UInt8]?
    }

    struct Text {
        var bytes: [UInt8]
        var id: UInt64
        /// With the text's own entry.
        var history: [UInt64: Entry]

        init(_ bytes: [UInt8], id: UInt64, from history: [UInt64: Entry]) {
            (self.bytes, self.id, self.history) = (bytes, id, history)
            let deepest = history.values.map(\.depth).max() ?? 0
            self.history[id] = Entry(
                depth: deepest + 1, parents: Set(history.keys), text: bytes.count > 65_536 ? nil : bytes)
        }

        init(_ bytes: [UInt8], id: UInt64, whole history: [UInt64: Entry]) {
            (self.bytes, self.id, self.history) = (bytes, id, history)
        }
    }

    /// Nil: a person must look.
    static func merge(_ all: [Text]) -> Text? {
        var texts = all.sorted { $0.id < $1.id }
        while texts.count > 1 {
            // Equal ones first, then those that parted last; of several the first pair by their ids.
            var pairs: [(rank: Int, a: Int, b: Int)] = []
            for a in texts.indices {
                for b in texts.indices where a < b {
                    if texts[a].bytes == texts[b].bytes {
                        pairs.append((Int.max, a, b))
                    } else if let depth = common(texts[a], texts[b]).map(\.value.depth).max() {
                        pairs.append((depth, a, b))
                    }
                }
            }
            guard let rank = pairs.map(\.rank).max(), let pair = pairs.first(where: { $0.rank == rank }) else {
                return nil
            }
            let (a, b) = (texts[pair.a], texts[pair.b])
            var both = a.bytes
            if rank < Int.max {
                guard let base = base(a, b), let woven = NaiveWeaving.weave([a.bytes, b.bytes], base: base) else {
                    return nil
                }
                both = woven
            }
            texts.remove(at: pair.b)
            texts[pair.a] = Text(both, id: a.id, whole: union(a.history, b.history))
        }
        return texts.first
    }

    private static func union(_ a: [UInt64: Entry], _ b: [UInt64: Entry]) -> [UInt64: Entry] {
        a.merging(b) { x, y in
            Entry(depth: max(x.depth, y.depth), parents: x.parents.union(y.parents), text: x.text ?? y.text)
        }
    }

    /// What both came from, but for what others of these came from.
    private static func common(_ a: Text, _ b: Text) -> [UInt64: Entry] {
        let shared = union(a.history, b.history).filter { a.history[$0.key] != nil && b.history[$0.key] != nil }
        return shared.filter { id, _ in !shared.values.contains { $0.parents.contains(id) } }
    }

    private static func base(_ a: Text, _ b: Text) -> [UInt8]? {
        let last = common(a, b)
        if last.count == 1 { return last.values.first?.text }
        let all = union(a.history, b.history).filter { a.history[$0.key] != nil && b.history[$0.key] != nil }
        var texts: [Text] = []
        for (id, entry) in last {
            guard let text = entry.text else { return nil }
            texts.append(Text(text, id: id, whole: all.filter { $0.key == id || entry.parents.contains($0.key) }))
        }
        return merge(texts)?.bytes
    }
}

/// MRG-34 by the textbook: a longest common subsequence from a table of all pairs. The scripts write texts in which no
/// two words are alike, so that there is one only.
enum NaiveWeaving {
    static func weave(_ texts: [[UInt8]], base: [UInt8]) -> [UInt8]? {
        let words = cut(base)
        let own = texts.map { Set(difference(words, cut($0))) }
        let sorted = own.reduce(Set()) { $0.union($1) }.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        for (first, second) in zip(sorted, sorted.dropFirst()) {
            if second.from <= first.to { return nil }
            let isOfTwo =
                own.contains { $0.contains(first) && !$0.contains(second) }
                && own.contains { $0.contains(second) && !$0.contains(first) }
            let between = words[first.to..<second.from]
            if isOfTwo, between.count < 3, between.allSatisfy({ $0.contains { !$0.isASCII && isLetter($0) } }) {
                return nil
            }
        }
        var woven: [String] = []
        var place = 0
        for change in sorted {
            woven += words[place..<change.from] + change.new
            place = change.to
        }
        return Array((woven + words[place...]).joined().utf8)
    }

    private static func isLetter(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }

    private struct Change: Hashable {
        var from: Int
        var to: Int
        var new: [String]
    }

    /// A run of ASCII letters and digits with the marks of numbers in it, a number in Chinese, or one character.
    private static func cut(_ text: [UInt8]) -> [String] {
        let all = Array(String(decoding: text, as: UTF8.self))
        func isNarrow(_ place: Int) -> Bool {
            all.indices.contains(place) && all[place].isASCII && isLetter(all[place])
        }
        func isLink(_ place: Int) -> Bool {
            ".,-/:'@".contains(all[place]) && isNarrow(place - 1) && isNarrow(place + 1)
        }
        func isNumber(_ word: String) -> Bool {
            guard let first = word.first, first.isASCII ? first.isWholeNumber : numerals.contains(first) else {
                return false
            }
            return !word.contains { $0.isASCII && $0.isLetter || $0 == "_" }
        }
        var words: [String] = []
        for (place, character) in all.enumerated() {
            let last = words.last ?? ""
            let goesOn =
                if isNarrow(place) {
                    place > 0 && (isNarrow(place - 1) || isLink(place - 1)) || character.isWholeNumber && isNumber(last)
                } else {
                    isLink(place) || (numerals.contains(character) || measures.contains(character)) && isNumber(last)
                }
            if goesOn, !words.isEmpty {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
            }
        }
        return words
    }

    private static let numerals = "〇零一二两三四五六七八九十百千万亿半０１２３４５６７８９"
    private static let measures = "年月日号时点分秒元角"

    private static func difference(_ a: [String], _ b: [String]) -> [Change] {
        var longest = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in a.indices.reversed() {
            for j in b.indices.reversed() {
                longest[i][j] = a[i] == b[j] ? longest[i + 1][j + 1] + 1 : max(longest[i + 1][j], longest[i][j + 1])
            }
        }
        var changes: [Change] = []
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            let (from, start) = (i, j)
            while i < a.count || j < b.count, !(i < a.count && j < b.count && a[i] == b[j]) {
                if i < a.count, j == b.count || longest[i + 1][j] >= longest[i][j + 1] { i += 1 } else { j += 1 }
            }
            if i > from || j > start { changes.append(Change(from: from, to: i, new: Array(b[start..<j]))) }
            if i < a.count, j < b.count { (i, j) = (i + 1, j + 1) }
        }
        return changes
    }
}
