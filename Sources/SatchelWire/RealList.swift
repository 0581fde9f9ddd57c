import SatchelModel

/// Reals of one column: as decimals where every one of them is one, else bit by bit (BND-32).
enum RealList {
    private static let bits: UInt8 = 0
    private static let decimals: UInt8 = 1

    /// 10^0 to 10^15, all exact.
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
    /// Above 2^53 not every whole number is a double.
    private static let largest = 9_007_199_254_740_992.0

    /// `words` are bit patterns. O(words).
    static func encode(_ words: [UInt64], to writer: inout ByteWriter) {
        guard !words.isEmpty else { return }
        if let (digits, numbers) = scaled(words) {
            writer.byte(decimals)
            writer.byte(UInt8(digits))
            IntegerList.encode(numbers, to: &writer)
        } else {
            writer.byte(bits)
            IntegerList.encode(words.map { Int64(bitPattern: $0) }, to: &writer)
        }
    }

    /// Reads `count` bit patterns. NaN is refused: no column of SQLite holds one.
    static func decode(_ count: Int, from reader: inout ByteReader) throws(WireError) -> [UInt64] {
        guard count > 0 else { return [] }
        switch try reader.byte() {
        case bits:
            let values = try IntegerList.decode(count, from: &reader)
            guard values.allSatisfy({ !Double(bitPattern: UInt64(bitPattern: $0)).isNaN }) else {
                throw reader.damaged("a real is NaN")
            }
            return values.map { UInt64(bitPattern: $0) }
        case decimals:
            let digits = Int(try reader.byte())
            guard digits < powers.count else { throw reader.damaged("digits of a decimal") }
            let numbers = try IntegerList.decode(count, from: &reader)
            guard numbers.allSatisfy({ $0.magnitude <= UInt64(largest) }) else {
                throw reader.damaged("a decimal too long")
            }
            let power = powers[digits]
            return numbers.map { (Double($0) / power).bitPattern }
        default: throw reader.damaged("real coding")
        }
    }

    /// The fewest digits after the point with which every value comes back bit by bit, or nil.
    ///
    /// The quotient of two exact doubles is the double nearest to the decimal, which is what parsing its digits
    /// gives; so whatever was typed with up to 15 digits is found.
    private static func scaled(_ words: [UInt64]) -> (digits: Int, numbers: [Int64])? {
        var digits = 0
        for word in words {
            while number(word, digits) == nil {
                digits += 1
                if digits == powers.count { return nil }
            }
        }
        var numbers: [Int64] = []
        numbers.reserveCapacity(words.count)
        for word in words {
            guard let number = number(word, digits) else { return nil }
            numbers.append(number)
        }
        return (digits, numbers)
    }

    @inline(__always)
    private static func number(_ word: UInt64, _ digits: Int) -> Int64? {
        let power = powers[digits]
        let scaled = (Double(bitPattern: word) * power).rounded(.toNearestOrEven)
        guard scaled.magnitude <= largest else { return nil }
        // Through the whole number, as the reader goes: −0.0 does not come back that way.
        let number = Int64(scaled)
        return (Double(number) / power).bitPattern == word ? number : nil
    }
}
