internal import SatchelModel

/// The states of BND-24, read once more by other code than the library's.
enum NaiveState {
    struct Put: Hashable {
        var element: Value
        var id: UInt64
    }

    static func additions(_ bytes: [UInt8]) -> [(id: UInt64, amount: Int64)]? {
        var rest = Rest(bytes, kind: 1)
        let all = (0..<rest.number()).map { _ in (id: rest.word(), amount: rest.signed()) }
        return rest.isWhole ? all : nil
    }

    static func puts(_ bytes: [UInt8]) -> (put: Set<Put>, taken: Set<Put>)? {
        var rest = Rest(bytes, kind: 2)
        var (put, taken): (Set<Put>, Set<Put>) = ([], [])
        for _ in 0..<rest.number() {
            let element: Value
            switch rest.byte() {
            case 1: element = .integer(rest.signed())
            case 2: element = .real(Double(bitPattern: rest.word()))
            default: element = .text(rest.run())
            }
            for _ in 0..<rest.number() { put.insert(Put(element: element, id: rest.word())) }
            for _ in 0..<rest.number() { taken.insert(Put(element: element, id: rest.word())) }
        }
        return rest.isWhole ? (put.union(taken), taken) : nil
    }

    static func texts(_ bytes: [UInt8]) -> [[UInt8]]? {
        var rest = Rest(bytes, kind: 3)
        let all = (0..<rest.number()).map { _ in rest.run() }
        return rest.isWhole ? all : nil
    }

    /// What is left to read. Reading past the end or another kind spoils it.
    private struct Rest {
        private var bytes: ArraySlice<UInt8>
        private var isSpoilt = false

        init(_ bytes: [UInt8], kind: UInt8) {
            self.bytes = bytes.dropFirst()
            isSpoilt = bytes.first != kind
        }

        var isWhole: Bool { !isSpoilt && bytes.isEmpty }

        mutating func byte() -> UInt8 {
            guard !isSpoilt, let first = bytes.popFirst() else {
                isSpoilt = true
                return 0
            }
            return first
        }

        mutating func bits() -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while shift < 64 {
                let next = byte()
                value |= UInt64(next & 0x7F) << shift
                if next < 0x80 { return value }
                shift += 7
            }
            isSpoilt = true
            return 0
        }

        mutating func number() -> Int {
            let value = bits()
            if value > UInt64(bytes.count) { isSpoilt = true }
            return isSpoilt ? 0 : Int(value)
        }

        mutating func signed() -> Int64 {
            let value = bits()
            return value & 1 == 0 ? Int64(value >> 1) : -Int64(value >> 1) - 1
        }

        mutating func word() -> UInt64 { (0..<8).reduce(0) { value, _ in value << 8 | UInt64(byte()) } }

        mutating func run() -> [UInt8] { (0..<number()).map { _ in byte() } }
    }
}

/// MRG-32's form of a set, for what the random scripts write: whole numbers and strings without escapes.
enum NaiveJSON {
    static func elements(_ text: [UInt8]) -> Set<Value>? {
        let string = String(decoding: text, as: UTF8.self).filter { $0 != " " }
        guard string.hasPrefix("["), string.hasSuffix("]") else { return nil }
        var elements: Set<Value> = []
        for word in string.dropFirst().dropLast().split(separator: ",") {
            if word.hasPrefix("\"") {
                elements.insert(.text(String(word.dropFirst().dropLast())))
            } else {
                guard let number = Int64(word) else { return nil }
                elements.insert(.integer(number))
            }
        }
        return elements
    }

    static func text(_ elements: Set<Value>) -> [UInt8] {
        let words = elements.sorted().map { element in
            if case .text = element { "\"\(element.display)\"" } else { element.display }
        }
        return Array("[\(words.joined(separator: ","))]".utf8)
    }
}

/// MRG-34 by the textbook: a longest common subsequence from a table of all pairs. The scripts write texts in which no
/// two words are alike, so that there is one only.
enum NaiveWeaving {
    static func weave(_ texts: [[UInt8]], base: [UInt8]) -> [UInt8]? {
        let words = cut(base)
        var changes: Set<Change> = []
        for text in texts { changes.formUnion(difference(words, cut(text))) }
        let sorted = changes.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        for (first, second) in zip(sorted, sorted.dropFirst()) where second.from <= first.to { return nil }
        var woven: [String] = []
        var place = 0
        for change in sorted {
            woven += words[place..<change.from] + change.new
            place = change.to
        }
        return Array((woven + words[place...]).joined().utf8)
    }

    private struct Change: Hashable {
        var from: Int
        var to: Int
        var new: [String]
    }

    /// A run of ASCII letters and digits, or one character.
    private static func cut(_ text: [UInt8]) -> [String] {
        var words: [String] = []
        var isWord = false
        for character in String(decoding: text, as: UTF8.self) {
            let joins = character.isASCII && (character.isLetter || character.isNumber)
            if joins, isWord, let last = words.popLast() {
                words.append(last + String(character))
            } else {
                words.append(String(character))
            }
            isWord = joins
        }
        return words
    }

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
