public import SatchelModel

/// What an ordinary write takes away of what it replaces, by what each policy makes of values (INB-11).
extension Policy {
    /// Whether a value can be taken away by a write that replaces it. Under `counter` a write is the difference that it
    /// makes, which two values alone do not tell; under `lastWriter` the last is to stand, seen or not; and a value that
    /// is set once is not written over.
    public var canLose: Bool {
        switch self {
        case .review, .set, .text, .min, .max: true
        case .lastWriter, .immutable, .counter: false
        }
    }

    /// Whether something of a former value is not in what is written. Both have one value for each column of the unit, without
    /// a state. O(bytes).
    public func loses(_ former: [Value], to written: [Value]) -> Bool {
        switch self {
        case .review: true
        case .lastWriter, .immutable, .counter: false
        case .min, .max: Extremes.isTaken(former, before: written, least: self == .min)
        case .set: Self.losesElements(former.first ?? .null, to: written.first ?? .null)
        case .text: Self.losesWords(former.first ?? .null, to: written.first ?? .null)
        }
    }

    /// What is written to take an overwrite back: the former value, of a set beside what stands now.
    public func puttingBack(_ former: [Value], into written: [Value]) -> [Value] {
        guard self == .set, let before = former.first.flatMap({ JSONArray.elements($0) }),
            let now = written.first.flatMap({ JSONArray.elements($0) })
        else { return former }
        return [JSONArray.text(Set(before).union(now).sorted())]
    }

    private static func losesElements(_ former: Value, to written: Value) -> Bool {
        guard let before = JSONArray.elements(former) else { return former != .null }
        return !Set(before).isSubset(of: JSONArray.elements(written) ?? [])
    }

    /// Whether the words of one text do not all stand in another, in their order.
    private static func losesWords(_ former: Value, to written: Value) -> Bool {
        guard case .text(let before) = former else { return former != .null }
        guard case .text(let after) = written else { return !before.isEmpty }
        // Longer ones are never merged by words, and are not cut into them.
        if Swift.max(before.count, after.count) > Ancestry.bytes { return !before.isEmpty && before != after }
        var left = Words.cut(before)[...]
        for word in Words.cut(after) where word == left.first { left.removeFirst() }
        return !left.isEmpty
    }
}
