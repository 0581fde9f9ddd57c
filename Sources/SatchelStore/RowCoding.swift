internal import SatchelModel

/// How row states lie on disk: variable-length integers and values, nothing shared with the wire.
struct RowWriter {
    private(set) var bytes: [UInt8] = []

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func value(_ value: Value) { value.appendCanonical(to: &bytes) }

    mutating func state(_ state: RowState, shown: (UnitID) -> [Value]? = { _ in nil }) {
        number(UInt64(state.units.count))
        for unit in state.units {
            number(UInt64(unit.unit))
            number(UInt64(unit.candidates.count))
            let visible = shown(unit.unit)
            for candidate in unit.candidates {
                number(UInt64(bitPattern: candidate.dot))
                // 0: the value stands in the table; otherwise 1 + the number of values that follow.
                if let visible, visible == candidate.values {
                    number(0)
                } else {
                    number(UInt64(candidate.values.count) + 1)
                    candidate.values.forEach { value($0) }
                }
            }
        }
        number(UInt64(state.deletions.count))
        for deletion in state.deletions {
            number(UInt64(bitPattern: deletion.dot))
            number(UInt64(deletion.cover.count))
            for covered in deletion.cover {
                number(UInt64(covered.unit))
                number(UInt64(bitPattern: covered.dot))
            }
            // 0: a plain deletion; otherwise the number of values of the key that it names.
            number(UInt64(deletion.into?.values.count ?? 0))
            deletion.into?.values.forEach { value($0) }
        }
    }
}

/// Reads what `RowWriter` wrote. Throws `StoreError` for anything else: the file may be damaged.
struct RowReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    private static let damaged = StoreError("a row's clock is damaged; run `satchel doctor`")

    private mutating func byte() throws(StoreError) -> UInt8 {
        guard place < bytes.count else { throw Self.damaged }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() throws(StoreError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
        }
        throw Self.damaged
    }

    private mutating func count() throws(StoreError) -> Int {
        let value = try number()
        guard value <= UInt64(bytes.count) else { throw Self.damaged }
        return Int(value)
    }

    private mutating func unit() throws(StoreError) -> UnitID {
        guard let unit = UnitID(exactly: try number()) else { throw Self.damaged }
        return unit
    }

    private mutating func dot() throws(StoreError) -> DotID { DotID(bitPattern: try number()) }

    private mutating func word() throws(StoreError) -> UInt64 {
        var word: UInt64 = 0
        for _ in 0..<8 { word = word << 8 | UInt64(try byte()) }
        return word
    }

    mutating func value() throws(StoreError) -> Value {
        switch try byte() {
        case 0: return .null
        case 1: return .integer(Int64(bitPattern: try word()))
        case 2: return .real(Double(bitPattern: try word()))
        case 3: return .text(try run())
        case 4: return .blob(try run())
        default: throw Self.damaged
        }
    }

    private mutating func run() throws(StoreError) -> [UInt8] {
        let length = try word()
        guard length <= UInt64(bytes.count - place) else { throw Self.damaged }
        defer { place += Int(length) }
        return Array(bytes[place..<(place + Int(length))])
    }

    /// `shown` gives the values of a unit that stand in the table.
    ///
    /// - Parameter leavingGone: of a unit that the table does not have, since another program dropped it, nothing is known.
    mutating func state(
        leavingGone: Bool = false, shown: (UnitID) -> [Value]? = { _ in nil }
    ) throws(StoreError) -> RowState {
        var state = RowState()
        for _ in 0..<(try count()) {
            let id = try unit()
            var isGone = false
            var candidates: [Candidate] = []
            for _ in 0..<(try count()) {
                let dot = try dot()
                let stored = try count()
                if stored == 0 {
                    guard let values = shown(id) else {
                        guard leavingGone else { throw Self.damaged }
                        isGone = true
                        continue
                    }
                    candidates.append(Candidate(dot: dot, values: values))
                } else {
                    var values: [Value] = []
                    for _ in 1..<stored { values.append(try value()) }
                    candidates.append(Candidate(dot: dot, values: values))
                }
            }
            if isGone, candidates.isEmpty { continue }
            state.units.append(UnitState(unit: id, candidates: candidates))
        }
        for _ in 0..<(try count()) {
            let dot = try dot()
            var cover: [Covered] = []
            for _ in 0..<(try count()) { cover.append(Covered(unit: try unit(), dot: try self.dot())) }
            var into: [Value] = []
            for _ in 0..<(try count()) { into.append(try value()) }
            state.deletions.append(Deletion(dot: dot, cover: cover, into: into.isEmpty ? nil : RowKey(into)))
        }
        return state
    }

    mutating func key() throws(StoreError) -> RowKey {
        var values: [Value] = []
        while !isAtEnd { values.append(try value()) }
        return RowKey(values)
    }
}
