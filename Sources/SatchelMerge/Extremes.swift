public import SatchelModel

/// The order by which the policies `min` and `max` choose (MRG-33): numbers by what they are worth, whether they are
/// stored as integers or reals, then text, then blobs, each by bytes. It is total: only equal values are equal in it.
public enum Extremes {
    public static func isLess(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
        case (.real(let a), .real(let b)): a == b ? a.bitPattern < b.bitPattern : a < b
        case (.integer(let a), .real(let b)): compare(a, b) <= 0
        case (.real(let a), .integer(let b)): compare(b, a) > 0
        default: a < b
        }
    }

    /// −1, 0 or 1, without rounding either number.
    private static func compare(_ integer: Int64, _ real: Double) -> Int {
        if real >= 0x1p63 { return -1 }
        if real < -0x1p63 { return 1 }
        let whole = real.rounded(.down)
        let floor = Int64(whole)
        if integer != floor { return integer < floor ? -1 : 1 }
        return real > whole ? -1 : 0
    }

    /// Column by column. A NULL says nothing: any value is taken before it, by `min` as by `max`.
    static func isTaken(_ a: [Value], before b: [Value], least: Bool) -> Bool {
        for (left, right) in zip(a, b) where left != right {
            if left == .null || right == .null { return right == .null }
            return least ? isLess(left, right) : isLess(right, left)
        }
        return false
    }
}
