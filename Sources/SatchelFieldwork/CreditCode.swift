/// A unified social credit code 统一社会信用代码: 18 characters, of which the last checks the others (GB 32100-2015).
///
/// It finds nearly every slip of a finger, and every single wrong character. It does not say that the firm exists.
///
///     CreditCode("91330100799655058B")  // a code
///     CreditCode("91330100799655085B")  // nil: two digits swapped
public struct CreditCode: Hashable, Sendable, CustomStringConvertible {
    /// 18 characters, upper case.
    public let description: String

    /// Accepts lower-case letters. Nil unless there are 18 characters of the code's alphabet and the last is right.
    public init?(_ text: String) {
        let upper = text.uppercased()
        guard upper.utf8.count == 18, let check = Self.checkCharacter(of: String(upper.dropLast())),
            upper.last == check
        else { return nil }
        description = upper
    }

    /// The 18th character for the first 17. Nil unless there are 17 characters of the alphabet, in upper case.
    public static func checkCharacter(of body: String) -> Character? {
        guard body.utf8.count == 17 else { return nil }
        var sum = 0
        var weight = 1
        for character in body {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            sum += value * weight
            weight = weight * 3 % 31
        }
        return alphabet[(31 - sum % 31) % 31]
    }

    /// Digits and capital letters without I, O, S, V and Z, which are taken for 1, 0, 5, U and 2.
    static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
}
