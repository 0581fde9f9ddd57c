internal import SatchelModel

/// What a counter is made of: every addition under an id of its own (MRG-31).
///
/// A join of two counters is the union of their additions, so that it is commutative, associative and idempotent, and
/// an addition counts once by however many roads it comes: the operation-based counter made state-based, after
/// Shapiro, Preguiça, Baquero and Zawirski, "A comprehensive study of convergent and commutative replicated data
/// types" (2011). It grows by about ten bytes with each addition.
public struct Counter: Hashable, Sendable {
    /// What was added, by the id that the addition was given at capture.
    public private(set) var additions: [UInt64: Int64] = [:]

    public init() {}

    public var isEmpty: Bool { additions.isEmpty }

    /// Modulo 2^64, as two's complement: right whenever the true sum is a 64-bit integer.
    public var sum: Int64 { additions.values.reduce(0, &+) }

    /// Nothing is added for 0. Of two amounts under one id, which no honest replica makes, the greater counts.
    public mutating func add(_ amount: Int64, as id: UInt64) {
        guard amount != 0 else { return }
        additions[id] = Swift.max(additions[id] ?? amount, amount)
    }

    /// O(additions of the other).
    public mutating func join(_ other: Counter) { for (id, amount) in other.additions { add(amount, as: id) } }

    /// Leaves out what counts elsewhere already, but for what is of its own too. Joined with the others it is what it was.
    mutating func leave(_ others: Counter, butFor own: Counter?) {
        additions = additions.filter { id, _ in others.additions[id] == nil || own?.additions[id] != nil }
    }

    /// Takes each addition out by its opposite, under an id made of its own: two who do so at once take it out once. What
    /// somebody else added, who does not know of it, goes on counting.
    mutating func takeOut() {
        for (id, amount) in additions where additions[~id] != 0 &- amount { add(0 &- amount, as: ~id) }
    }

    private static let kind: UInt8 = 1

    public var bytes: [UInt8] {
        var writer = StateWriter(kind: Self.kind)
        writer.count(additions.count)
        for (id, amount) in additions.sorted(by: { $0.key < $1.key }) {
            writer.word(id)
            writer.signed(amount)
        }
        return writer.bytes
    }

    /// Nil: these are not the bytes of a counter.
    public init?(bytes: [UInt8]) {
        guard var reader = StateBytes(bytes, kind: Self.kind), let count = reader.count() else { return nil }
        var last: UInt64?
        for _ in 0..<count {
            guard let id = reader.word(), let amount = reader.signed(), amount != 0, last.map({ $0 < id }) ?? true
            else { return nil }
            additions[id] = amount
            last = id
        }
        guard reader.isAtEnd else { return nil }
    }

    /// What several candidates of one unit come to; nil: they cannot be added up, and a person must look.
    ///
    /// A number other than 0 without a state is a value and no addition: its author's schema did not count. Alone on its row
    /// it stands, and counts beside what other rows have been counted to (MRG-54); beside others of its row nobody can say what
    /// of it is in them too.
    static func joined(_ candidates: [Candidate], valueID: (DotID) -> UInt64) -> Counter? {
        var sum = Counter()
        for candidate in candidates {
            if let counter = candidate.state(width: 1).flatMap({ Counter(bytes: $0) }) {
                sum.join(counter)
            } else if candidate.values.first != .integer(0) {
                guard case .integer(let value)? = candidate.values.first,
                    candidates.allSatisfy({ $0.dot == candidate.dot || $0.place != candidate.place })
                else { return nil }
                sum.add(value, as: valueID(candidate.dot))
            }
        }
        return sum
    }

    /// What a write takes up of the candidates that it replaces. Of values it is one: the row's own, if one is, since what
    /// stands on a merged row is taken up there too.
    static func takenUp(_ candidates: [Candidate], valueID: (DotID) -> UInt64) -> Counter {
        var sum = Counter()
        var plain: (id: UInt64, value: Int64)?
        let (foreign, own) = candidates.parted
        for part in [own, foreign] {
            var least: (id: UInt64, value: Int64)?
            for candidate in part {
                if let counter = candidate.state(width: 1).flatMap({ Counter(bytes: $0) }) {
                    sum.join(counter)
                } else if case .integer(let value)? = candidate.values.first, value != 0 {
                    let id = valueID(candidate.dot)
                    if least.map({ id < $0.id }) ?? true { least = (id, value) }
                }
            }
            plain = plain ?? least
        }
        if sum.isEmpty, let plain { sum.add(plain.value, as: plain.id) }
        return sum
    }

    /// Counts the steps from what is held to a new value, each under the id of the note that told of it.
    mutating func walk(_ steps: [Writing.Step], to new: Int64) {
        var before = sum
        for (index, step) in steps.enumerated() {
            var after = new
            if index + 1 < steps.count {
                guard case .integer(let next) = steps[index + 1].before else { continue }
                after = next
            }
            add(after &- before, as: step.id)
            before = after
        }
    }
}

extension Candidate {
    /// Whether it carries a counter's additions.
    var isCounter: Bool { state(width: 1).flatMap { Counter(bytes: $0) } != nil }

    /// What follows the values of the columns (MRG-30); nil: nothing does.
    func state(width: Int) -> [UInt8]? {
        guard values.count == width + 1, case .blob(let bytes)? = values.last else { return nil }
        return bytes
    }
}
