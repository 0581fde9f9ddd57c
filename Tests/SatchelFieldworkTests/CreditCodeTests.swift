import SatchelFieldwork
import Testing

@Suite struct CreditCodeTests {
    /// Codes that real firms publish on their own sites.
    static let published = ["91330100799655058B", "9144030071526726XG", "914403001922038216"]

    @Test(arguments: published)
    func publishedCodesAreAccepted(_ text: String) {
        #expect(CreditCode(text)?.description == text)
        #expect(CreditCode(text.lowercased())?.description == text)
    }

    @Test(arguments: published)
    func everySingleWrongCharacterIsFound(_ text: String) {
        let characters = Array(text)
        for position in characters.indices {
            for other in "0123456789ABCDEFGHJKLMNPQRTUWXY" where other != characters[position] {
                var changed = characters
                changed[position] = other
                #expect(CreditCode(String(changed)) == nil, "\(String(changed)) differs from a code in one character")
            }
        }
    }

    @Test(arguments: [
        ("", "nothing"),
        ("91330100799655085B", "two digits swapped"),
        ("91330100799655058", "one character short"),
        ("91330100799655058BB", "one character long"),
        ("9133010079965505IB", "a letter outside the alphabet"),
        ("91330100799655058 ", "a blank"),
        ("９1330100799655058B", "a full-width digit"),
    ])
    func whatIsNoCodeIsRefused(_ text: String, _ why: String) {
        #expect(CreditCode(text) == nil, "\(why)")
    }

    @Test func theCheckCharacterNeedsSeventeenCharactersOfTheAlphabet() {
        #expect(CreditCode.checkCharacter(of: "91330100799655058") == "B")
        #expect(CreditCode.checkCharacter(of: "9133010079965505") == nil)
        #expect(CreditCode.checkCharacter(of: "9133010079965505Z") == nil)
    }
}
