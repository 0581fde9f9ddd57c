import SatchelMerge
import SatchelModel
import SatchelTesting
import Testing

/// What a write takes away of what it replaces, by the unit's policy.
@Suite struct OverwritingTests {
    private func loses(_ policy: Policy, _ former: String, _ written: String) -> Bool {
        policy.loses([.text(former)], to: [.text(written)])
    }

    @Test func onlyWhatIsAddedTakesNothingAway_INB11() {
        #expect(loses(.text, "Ring. Nuts!", "Ring. Parking."))
        #expect(loses(.text, "a b", "b a"), "their order")
        #expect(!loses(.text, "Ring. Nuts!", "Ring. Parking. Nuts!"))
        #expect(!loses(.text, "", "x") && !loses(.text, "a", "a"))
        #expect(loses(.text, "客户满意", "客满意") && !loses(.text, "客户满意", "客户很满意"))
        #expect(loses(.set, #"["a","b"]"#, #"["a","c"]"#))
        #expect(!loses(.set, #"["a","b"]"#, #"["c", "b", "a"]"#))
        #expect(loses(.max, "2026-05-01", "2026-04-01") && !loses(.max, "2026-05-01", "2026-06-01"))
        #expect(loses(.min, "2026-04-01", "2026-05-01") && !loses(.min, "2026-04-01", "2026-03-01"))
        #expect(loses(.review, "a", "a b"))
        for policy in [Policy.lastWriter, .immutable, .counter] {
            #expect(!policy.canLose && !loses(policy, "2", "1"), "\(policy)")
        }
    }

    @Test(arguments: [Policy.text, .set, .min, .max]) func whatIsNoValueOfThePolicyIsLostWhole_INB11(policy: Policy) {
        let value = Value.text(policy == .set ? #"["a"]"# : "a")
        #expect(policy.canLose)
        #expect(policy.loses([value], to: [.null]))
        #expect(!policy.loses([.null], to: [value]) && !policy.loses([.null], to: [.null]))
        if policy == .text || policy == .set {
            #expect(policy.loses([.blob([1])], to: [value]))
            #expect(policy.loses([value], to: [.blob([1])]))
        }
    }

    @Test func aLongTextIsOneWord_INB11_MRG34() {
        let long = String(repeating: "x ", count: 1 << 15)
        #expect(!loses(.text, long, long) && loses(.text, long, long + "y") && loses(.text, "x", long + "y"))
        #expect(!loses(.text, String(long.dropLast(2)), long), "64 KiB are not above 64 KiB")
    }

    @Test func aSetIsPutBackBesideWhatStands_INB11() {
        let set = Policy.set.puttingBack([.text(#"["b","a"]"#)], into: [.text(#"["c"]"#)])
        #expect(set == [.text(#"["a","b","c"]"#)])
        #expect(Policy.text.puttingBack([.text("a")], into: [.text("b")]) == [.text("a")])
        #expect(Policy.set.puttingBack([.null], into: [.text("[]")]) == [.null])
    }

    /// The words of the rule, taken literally: all that can be left of a text when words are struck out of it.
    private static func remainders(_ words: [Character]) -> Set<String> {
        words.reduce(into: [""]) { all, word in all.formUnion(all.map { $0 + String(word) }) }
    }

    @Test(arguments: 0..<20) func aTextLosesNothingIfItIsLeftWhenTheRestIsStruckOut_INB11(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        func text() -> String {
            String(
                (0..<Int.random(in: 0...6, using: &random)).map { _ in random.pick(["甲", "乙", "丙"] as [Character]) })
        }
        for _ in 0..<200 {
            let (former, written) = (text(), text())
            let isLost = !Self.remainders(Array(written)).contains(former)
            #expect(loses(.text, former, written) == isLost, "\(former) -> \(written)")
        }
    }

    @Test(arguments: 0..<20) func aSetLosesWhatIsNotInIt_INB11(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        func set() -> [String] {
            (0..<Int.random(in: 0...5, using: &random)).map { _ in random.pick([#""a""#, #""b""#, "1", "2", #""1""#]) }
        }
        for _ in 0..<200 {
            let (former, written) = (set(), set())
            let texts = [former, written].map { "[\($0.joined(separator: ", "))]" }
            let isLost = former.contains { !written.contains($0) }
            #expect(loses(.set, texts[0], texts[1]) == isLost, "\(texts)")
        }
    }

    /// In the order in which `max` takes them; `min` takes them in the opposite one, but for NULL, which is last of all.
    @Test(arguments: [Policy.min, .max]) func ofTwoColumnsTheFirstThatDiffersDecides_INB11_MRG33(policy: Policy) {
        let greatest: [Value] = [.text("b"), .text("a"), .real(2.5), .integer(2), .integer(-1)]
        let ladder = (policy == .max ? greatest : greatest.reversed()) + [.null]
        for a in ladder.indices {
            for b in ladder.indices {
                for (c, d) in [(0, 1), (1, 0), (5, 5)] {
                    let isLost = a != b ? a < b : c < d
                    let told = policy.loses([ladder[a], ladder[c]], to: [ladder[b], ladder[d]])
                    #expect(told == isLost, "\(policy) \(a) \(c) -> \(b) \(d)")
                }
            }
        }
    }
}
