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

    static func history(_ bytes: [UInt8]) -> [UInt64: NaiveHistory.Entry]? {
        var rest = Rest(bytes, kind: 4)
        var ids: [UInt64] = []
        var history: [UInt64: NaiveHistory.Entry] = [:]
        for _ in 0..<rest.number() {
            let (id, depth, mask) = (rest.word(), Int(truncatingIfNeeded: rest.bits()), rest.byte())
            // One more than its bytes.
            let length = rest.bits()
            if length > 65_537 { return nil }
            let text = length == 0 ? nil : (1..<length).map { _ in rest.byte() }
            let parents = ids.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
            history[id] = NaiveHistory.Entry(depth: depth, parents: Set(parents), text: text)
            ids.append(id)
        }
        return rest.isWhole ? history : nil
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
