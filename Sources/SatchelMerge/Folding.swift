internal import SatchelModel

/// What people write differently and mean alike (MRG-58, MRG-59).
enum Folding {
    /// Full-width forms and the ideographic space become ASCII, letters lower case, blanks at both ends go. Empty if
    /// nothing is left, or the value is no text.
    static func text(_ value: Value) -> String {
        guard case .text(let bytes) = value else { return "" }
        var scalars = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { scalars.append(halfWidth(scalar)) }
        let lower = String(scalars).lowercased().unicodeScalars
        guard let first = lower.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = lower.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(lower[first...last])
    }

    private static func halfWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0x3000: " "
        default: scalar
        }
    }

    /// A folded text as a name: letters and digits only, without what says the legal form.
    static func name(_ folded: String) -> [Unicode.Scalar] {
        var words = folded.unicodeScalars.split { !$0.properties.isAlphabetic && $0.properties.numericType == nil }
        while words.count > 1, let last = words.last, formWords.contains(String(last)) { words.removeLast() }
        var name = words.flatMap { Array($0) }
        while let form = formEndings.first(where: { name.count > $0.count && name.suffix($0.count) == $0[...] }) {
            name.removeLast(form.count)
        }
        return name
    }

    private static let formWords: Set<String> = ["co", "ltd", "limited", "inc", "llc", "gmbh", "corp"]
    private static let formEndings = ["有限责任公司", "股份有限公司", "有限公司", "集团公司", "集团", "总公司", "公司"]
        .map { Array($0.unicodeScalars) }

    /// A folded text as a telephone number: its last seven digits, if it is nothing else and has as many; otherwise
    /// the text itself.
    static func number(_ folded: String) -> String {
        var digits: [Unicode.Scalar] = []
        for scalar in folded.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.append(scalar)
            case " ", "+", "-", "(", ")", ".", "/": break
            default: return folded
            }
        }
        guard digits.count >= 7 else { return folded }
        return "…" + String(String.UnicodeScalarView(digits.suffix(7)))
    }

    /// Pairs of neighbouring scalars, sorted; of one scalar, itself.
    static func pairs(of name: [Unicode.Scalar]) -> [UInt64] {
        if name.count == 1 { return [UInt64(name[0].value)] }
        return zip(name, name.dropFirst()).map { UInt64($0.value) << 32 | UInt64($1.value) }.sorted()
    }

    /// The Dice coefficient of two sorted multisets, in whole per cent rounded down (Dice 1945). O(a + b).
    static func alikePercent(_ a: [UInt64], _ b: [UInt64]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return 0 }
        var common = 0
        var (left, right) = (0, 0)
        while left < a.count, right < b.count {
            if a[left] == b[right] { common += 1 }
            let (first, second) = (a[left], b[right])
            if first <= second { left += 1 }
            if second <= first { right += 1 }
        }
        return 200 * common / (a.count + b.count)
    }
}
