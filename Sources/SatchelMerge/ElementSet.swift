public import SatchelModel

/// What a set is made of: each element with the ids under which it was put in, and those of them that somebody took
/// out again (MRG-32).
///
/// An observed-remove set, after Shapiro and others (2011): taking out names the ids seen, so that what another put in
/// at the same time stays. A join is the union of both lists of ids.
public struct ElementSet: Hashable, Sendable {
    /// By element, then id: whether it is still in under that id.
    private var ids: [Value: [UInt64: Bool]] = [:]

    public init() {}

    /// Whether nothing was ever put in.
    public var isEmpty: Bool { ids.isEmpty }

    /// The elements that are in, sorted.
    public var elements: [Value] { ids.filter { $0.value.values.contains(true) }.keys.sorted() }

    public func contains(_ element: Value) -> Bool { ids[element]?.values.contains(true) ?? false }

    /// Puts an element in. An id that was taken out stays out.
    public mutating func insert(_ element: Value, as id: UInt64) {
        if ids[element]?[id] == nil { ids[element, default: [:]][id] = true }
    }

    /// Takes an element out under every id that is known here.
    public mutating func remove(_ element: Value) { ids[element] = ids[element]?.mapValues { _ in false } }

    /// O(ids of the other).
    public mutating func join(_ other: ElementSet) {
        for (element, own) in other.ids {
            ids[element, default: [:]].merge(own) { $0 && $1 }
        }
    }

    /// Leaves out what is put in, or taken out, elsewhere already, but for what is of its own too. Joined with the others it
    /// is what it was.
    mutating func leave(_ others: ElementSet, butFor own: ElementSet?) {
        for (element, all) in ids {
            let left = all.filter { id, isIn in
                others.ids[element]?[id] != isIn || own?.ids[element]?[id] != nil
            }
            ids[element] = left.isEmpty ? nil : left
        }
    }

    private static let kind: UInt8 = 2

    public var bytes: [UInt8] {
        var writer = StateWriter(kind: Self.kind)
        writer.count(ids.count)
        for element in ids.keys.sorted() {
            switch element {
            case .integer(let number):
                writer.byte(1)
                writer.signed(number)
            case .real(let number):
                writer.byte(2)
                writer.word(number.bitPattern)
            case .text(let text):
                writer.byte(3)
                writer.run(text)
            case .null, .blob: continue
            }
            for isIn in [true, false] {
                let own = (ids[element] ?? [:]).filter { $0.value == isIn }.keys.sorted()
                writer.count(own.count)
                own.forEach { writer.word($0) }
            }
        }
        return writer.bytes
    }

    /// Nil: these are not the bytes of a set.
    public init?(bytes: [UInt8]) {
        guard var reader = StateBytes(bytes, kind: Self.kind), let count = reader.count() else { return nil }
        var last: Value?
        for _ in 0..<count {
            guard let element = Self.element(&reader), last.map({ $0 < element }) ?? true else { return nil }
            var own: [UInt64: Bool] = [:]
            for isIn in [true, false] {
                guard let count = reader.count() else { return nil }
                var before: UInt64?
                for _ in 0..<count {
                    guard let id = reader.word(), before.map({ $0 < id }) ?? true, own[id] == nil else { return nil }
                    own[id] = isIn
                    before = id
                }
            }
            guard !own.isEmpty else { return nil }
            ids[element] = own
            last = element
        }
        guard reader.isAtEnd else { return nil }
    }

    private static func element(_ reader: inout StateBytes) -> Value? {
        switch reader.byte() {
        case 1: reader.signed().map { .integer($0) }
        case 2: reader.word().flatMap { Double(bitPattern: $0).isFinite ? .real(Double(bitPattern: $0)) : nil }
        case 3: reader.run().map { .text($0) }
        default: nil
        }
    }

    /// What several candidates of one unit come to; nil: one of them is no set, or has no state beside one of its row that has: what
    /// its author took out nobody can say. A candidate without a state has put in its elements under the id of its dot in its row.
    static func joined(_ candidates: [Candidate], valueID: (DotID) -> UInt64) -> ElementSet? {
        let sets = candidates.map(\.set)
        let stated = Set(zip(candidates, sets).filter { $1 != nil }.map(\.0.place))
        var all = ElementSet()
        for (candidate, set) in zip(candidates, sets) {
            if let set {
                all.join(set)
            } else {
                guard let value = candidate.values.first, let elements = JSONArray.elements(value) else { return nil }
                if elements.isEmpty { continue }
                if stated.contains(candidate.place) { return nil }
                let id = valueID(candidate.dot)
                for element in elements { all.insert(element, as: id) }
            }
        }
        return all
    }

    /// What a write takes up of the candidates that it replaces: what is no set holds nothing.
    static func takenUp(_ candidates: [Candidate], valueID: (DotID) -> UInt64) -> ElementSet {
        candidates.reduce(into: ElementSet()) { all, candidate in
            if let set = joined([candidate], valueID: valueID) { all.join(set) }
        }
    }

    /// Puts in and takes out what the steps from what is held to a new value did, each under its note's id.
    mutating func walk(_ steps: [Writing.Step], to new: [Value]) {
        for (index, step) in steps.enumerated() {
            var after = new
            if index + 1 < steps.count {
                guard let next = JSONArray.elements(steps[index + 1].before) else { continue }
                after = next
            }
            let wanted = Set(after)
            for element in elements where !wanted.contains(element) { remove(element) }
            for element in after where !contains(element) { insert(element, as: step.id) }
        }
    }
}

extension Candidate {
    /// The elements that it carries as a state; nil: it has none.
    var set: ElementSet? { state(width: 1).flatMap { ElementSet(bytes: $0) } }

    /// Whether its value is one that a set can hold, with a state or without.
    var isArray: Bool { values.first.map { JSONArray.elements($0) != nil } ?? false }
}
