import SatchelFieldwork

extension CreditCode {
    /// A valid code of a firm that does not exist, as far as chance can promise it.
    ///
    /// - Parameters:
    ///   - kind: two characters, who registered what: "91" for enterprises, "12" for public institutions.
    ///   - region: the six digits of the administrative division.
    static func random(kind: String, region: String, using random: inout SplitMix64) -> String {
        let body = kind + region + organisation(using: &random)
        guard let check = checkCharacter(of: body) else { preconditionFailure("\(body) is outside the alphabet") }
        return body + String(check)
    }

    /// Eight characters and their own check character (GB 11714), as for firms registered since 2015.
    private static func organisation(using random: inout SplitMix64) -> String {
        let body = "MA" + random.digits(6)
        let values = body.utf8.map { $0 >= 65 ? Int($0) - 55 : Int($0) - 48 }
        let sum = zip(values, [3, 7, 9, 10, 5, 8, 4, 2]).reduce(0) { $0 + $1.0 * $1.1 }
        let check = 11 - sum % 11
        return body + (check == 10 ? "X" : check == 11 ? "0" : String(check))
    }
}
