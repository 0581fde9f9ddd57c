import SatchelModel
import Testing

@testable import SatchelMerge

/// Texts that several people changed: by words, from what all of them started from.
@Suite struct TextMergeTests {
    private func merge(_ base: String, _ texts: String...) -> String? {
        TextMerge.merge(texts.map { Array($0.utf8) }, base: Array(base.utf8)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(
        arguments: [
            ("the red car", "the blue car", "the red bus", "the blue bus"),
            ("a b c", "x a b c", "a b c y", "x a b c y"),
            ("a b c", "a c", "a b c d", "a c d"),
            ("a b c", "a b c", "a x c", "a x c"),
            ("a b c", "a x c", "a x c", "a x c"),
            ("a b c", "a x c", "a y c", nil),
            ("a b c", "a b c one", "a b c two", nil),
            ("a b c", "a b c same", "a b c same", "a b c same"),
            ("", "one", "two", nil),
            ("", "one", "one", "one"),
            ("a b c", "", "a b x", nil),
            ("客户对复检结果满意", "客户对初检结果满意", "客户对复检结果不满意", "客户对初检结果不满意"),
            ("客户满意", "客户不满意", "客户很满意", nil),
            ("客户满意", "顾户满意", "客人满意", nil),
            ("line one\nline two\n", "line 1\nline two\n", "line one\nline 2\nend\n", "line 1\nline 2\nend\n"),
            ("cafe\u{301} noir", "cafe\u{301} blanc", "un cafe\u{301} noir", "un cafe\u{301} blanc"),
            ("café noir", "cafe\u{301} noir", "café blanc", "cafe\u{301} blanc"),
            ("don't", "don't!", "I don't", "I don't!"),
        ] as [(String, String, String, String?)]) func changesOfOtherWordsAreMadeAtOnce_MRG34(
            base: String, a: String, b: String, merged: String?
        )
    {
        // By scalars: to Swift's == the composed and the decomposed letter are one.
        #expect(merge(base, a, b).map { Array($0.utf8) } == merged.map { Array($0.utf8) })
        #expect(merge(base, b, a).map { Array($0.utf8) } == merged.map { Array($0.utf8) }, "in any order")
    }

    @Test func moreThanTwoAreMergedWhateverTheirOrder_MRG34() {
        let texts = ["A b c d e", "a b C d e", "a b c d E f"]
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let merged = TextMerge.merge(order.map { Array(texts[$0].utf8) }, base: Array("a b c d e".utf8))
            #expect(merged.map { String(decoding: $0, as: UTF8.self) } == "A b C d E f")
        }
    }

    @Test func anyBytesComeThroughAndTooMuchIsForAPerson_MRG34() {
        let base: [UInt8] = [0xFF, 0x20, 0xE4, 0xB8, 0x20, 0x61, 0x00, 0x20, 0xF0, 0x9F]
        let (a, b) = (base + Array(" end".utf8), Array("start ".utf8) + base)
        #expect(TextMerge.merge([a, b], base: base) == Array("start ".utf8) + base + Array(" end".utf8))
        let long = (0..<3000).map { "w\($0)" }.joined(separator: " ")
        let other = (0..<3000).map { "v\($0)" }.joined(separator: " ")
        #expect(merge(long, other, long) == nil)
        #expect(merge(long, long + " end", "start " + long) == "start " + long + " end")
    }

    /// All texts of up to three words of three over all bases: whoever changed nothing loses nothing and takes nothing.
    @Test func smallTextsAllOfThem_MRG34_MRG39() {
        var texts = [""]
        for _ in 0..<3 { texts += texts.flatMap { text in ["a ", "b ", "c "].map { text + $0 } } }
        texts = Array(Set(texts)).sorted()
        #expect(texts.count == 40)
        var merged = 0
        for base in texts {
            for a in texts {
                if merge(base, a, base) != a || merge(base, a, a) != a { Issue.record("\(base): \(a)") }
                for b in texts {
                    let one = merge(base, a, b)
                    if one != merge(base, b, a) { Issue.record("\(base): \(a) and \(b)") }
                    if one != nil { merged += 1 }
                }
            }
        }
        #expect(merged > 5_000)
    }

    /// Two corrections of one amount, date or name are for a person: what the machine would make of them nobody has entered.
    @Test(
        arguments: [
            ("Owes 1,000 yuan", "Owes 2,000 yuan", "Owes 1,500 yuan"), ("2026-01-05", "2026-02-05", "2026-01-27"),
            ("price 1.50", "price 2.50", "price 1.75"), ("021-555-1234", "010-555-1234", "021-555-9876"),
            ("张小明来电", "章小明来电", "张小鸣来电"), ("欠二十五元", "欠三十五元", "欠二十六元"),
            ("约3月5日", "约4月5日", "约3月6日"), ("2026年1月5日到", "2025年1月5日到", "2026年1月6日到"),
            ("欠1,000元整", "欠2,000元整", "欠1,500元整"), ("o'neil@x.cn", "o'neal@x.cn", "o'neil@y.cn"),
        ] as [(String, String, String)]) func ofOneAmountDateOrNameThereIsNoMiddle_MRG34(
            base: String, a: String, b: String
        )
    {
        #expect(merge(base, a, b) == nil && merge(base, b, a) == nil)
    }

    @Test func changesOfOneTextMayBeNear_MRG34() {
        #expect(merge("张小明昨天来电", "章小鸣昨天来电", "张小明昨天来电。") == "章小鸣昨天来电。")
        #expect(merge("张小明，来电", "章小明，来电", "张小明，去电") == "章小明，去电")
        #expect(merge("张小明来电", "章小鸣来电", "章小明来电") == "章小鸣来电", "the one agrees with half of it")
    }

    // MARK: In a row

    private func row(_ text: String) -> (MergeRow, DotID) {
        var row = MergeRow()
        row.rules[1] = .init(policy: .text)
        let a = row.insert([1: text])
        return (row, a)
    }

    @Test func textsWithACommonBaseAreMergedAndOthersAreForAPerson_MRG34() {
        var (row, a) = row("the red car")
        let b = row.write(1, "the blue car", seeing: [a])
        let c = row.write(1, "the red bus", seeing: [a])
        #expect(row.verdict().text(1) == "the blue bus" && row.verdict().conflicts.isEmpty)
        #expect(row.verdict().shown(1)?.dots == [b, c])
        let d = row.write(1, "the green bus", seeing: [a, b, c])
        #expect(row.state()[1].map(\.dot) == [d])
        row.write(1, "the blue car!", seeing: [a, b])
        #expect(row.verdict().conflicts == [1], "both changed the red")
    }

    @Test func twoInsertsHaveNoCommonBase_MRG34_MRG23() {
        var row = MergeRow()
        row.rules[1] = .init(policy: .text)
        _ = row.insert([1: "one text"])
        _ = row.insert([1: "another text"])
        #expect(row.verdict().conflicts == [1])
    }

    @Test func severalWritesInARowKeepTheBase_MRG34() {
        var (row, a) = row("one two three")
        let b = row.write(1, "1 two three", seeing: [a])
        let c = row.write(1, "1 2 three", seeing: [a, b])
        row.write(1, "one two 3", seeing: [a])
        #expect(row.verdict().text(1) == "1 2 3" && row.verdict().conflicts.isEmpty)
        let late = row.write(1, "1 two three four", seeing: [a, b])
        #expect(row.verdict([a, b, c, late]).text(1) == "1 2 three four", "from the latest base of both")
    }

    @Test func whoTakesAChangeBackIsHeard_MRG34() {
        var (row, a) = row("one two three")
        let b = row.write(1, "1 two three", seeing: [a])
        let back = row.write(1, "one two three", seeing: [a, b])
        row.write(1, "1 two 3", seeing: [a, b])
        #expect(row.verdict().text(1) == "one two 3")
        #expect(row.verdict([a, b, back]).text(1) == "one two three")
    }

    @Test func whereBothChangedTheSameWordsAPersonChoosesAndOthersGoOn_MRG34_MRG38() {
        var (row, a) = row("one two three")
        let b = row.write(1, "1 two three", seeing: [a])
        let c = row.write(1, "uno two three", seeing: [a])
        #expect(row.verdict().conflicts == [1] && row.verdict().text(1) == "uno two three")
        let d = row.resolve(1, to: "1 two three", seeing: [a, b, c])
        #expect(row.verdict().conflicts.isEmpty)
        row.write(1, "uno two 3", seeing: [a, c])
        #expect(row.verdict([a, b, c, d, 5]).text(1) == "1 two 3", "the other was among those chosen from")
    }

    @Test func aCoveredTextIsNotMerged_MRG34() {
        var (row, a) = row("one two three")
        let b = row.write(1, "1 two three", seeing: [a])
        row.delete(seeing: [a, b])
        row.write(1, "one two 3", seeing: [a])
        #expect(row.verdict().text(1) == "one two 3" && row.verdict().deletedButEdited)
        row.keep(seeing: [1, 2, 3, 4])
        #expect(row.state()[1].count == 1 && row.verdict().text(1) == "one two 3")
    }

    @Test func textsBeyondTheLimitAreForAPerson_MRG34() {
        let long = String(repeating: "word ", count: 14_000)
        var (row, a) = row(long)
        row.write(1, long + "end", seeing: [a])
        row.write(1, "start " + long, seeing: [a])
        #expect(row.verdict().conflicts == [1])
    }

    // MARK: What two texts were last

    @Test func whatWasMergedIsRememberedAndNotOnlyWhatItCameTo_MRG34() {
        var (row, a) = row("Ring twice. Pays cash. Dog in yard. Closed on Monday.")
        let without = row.write(1, "Ring twice. Pays cash. Closed on Monday.", seeing: [a])
        let tuesday = row.write(1, "Ring twice. Pays cash. Dog in yard. Closed on Monday and Tuesday.", seeing: [a])
        row.write(1, "Ring thrice. Pays cash. Closed on Monday and Tuesday.", seeing: [a, without, tuesday])
        row.write(1, "Good payer! Ring twice. Pays cash. Dog in yard. Closed on Monday.", seeing: [a, without])
        #expect(
            row.verdict().text(1) == "Good payer! Ring thrice. Pays cash. Dog in yard. Closed on Monday and Tuesday.")
    }

    @Test func whatIsWrittenAnewIsNotTheTextThatStoodThere_MRG34() {
        for first in ["Call first.", "zzz first."] {
            var (row, a) = row("\(first) Pays cash. Closed on Monday.")
            let without = row.write(1, "Pays cash. Closed on Monday.", seeing: [a])
            let half = row.write(1, "Call. Pays cash. Closed on Monday.", seeing: [a, without])
            row.write(1, "\(first) Pays cash. Closed on Monday.", seeing: [a, without, half])
            row.write(1, "Pays cash. Closed on Monday and Tuesday.", seeing: [a, without])
            #expect(row.verdict().text(1) == "\(first) Pays cash. Closed on Monday and Tuesday.")
        }
    }

    /// Two met the same two, and each wrote on.
    @Test func ofSeveralLastTextsWhatTheyComeToIsTheBase_MRG34() {
        var (row, a) = row("one two three four")
        let b = row.write(1, "1 two three four", seeing: [a])
        let c = row.write(1, "one two 3 four", seeing: [a])
        row.write(1, "1 two 3 IV", seeing: [a, b, c])
        row.write(1, "1 II 3 four", seeing: [a, b, c])
        #expect(row.verdict().text(1) == "1 II 3 IV")
    }

    /// Where a person had to choose, two who chose differently are asked again.
    @Test func whatTwoChoseOfTextsInConflictIsForAPerson_MRG34_MRG38() {
        var (row, a) = row("one two three")
        let b = row.write(1, "1 two three", seeing: [a])
        let c = row.write(1, "uno two three", seeing: [a])
        row.resolve(1, to: "1 two three", seeing: [a, b, c])
        row.resolve(1, to: "uno two three", seeing: [a, b, c])
        #expect(row.verdict().conflicts == [1])
    }

    @Test func aLongTextIsNoOlderOnesNeighbour_MRG34() {
        let long = String(repeating: "word ", count: 14_000)
        var (row, a) = row("short one. ")
        let b = row.write(1, "short one. " + long, seeing: [a])
        row.write(1, "short one.", seeing: [a, b])
        row.write(1, "short one, " + long, seeing: [a, b])
        #expect(row.verdict().conflicts == [1], "what both came from is not kept")
    }

    @Test func aStateIsReadAsItIsWritten_MRG34_BND24() throws {
        var history = Ancestry()
        for (id, text) in [(9, "a"), (3, "b"), (7, String(repeating: "x", count: 70_000)), (1, "")]
            as [(UInt64, String)]
        {
            history.follow(Array(text.utf8), id)
        }
        #expect(Ancestry(blob: history.blob) == history)
        for id in 20..<UInt64(30) { history.follow([1], id) }
        history.shorten()
        #expect(history.ancestors.keys.sorted() == Array(22..<30) && Ancestry(blob: history.blob) == history)
        for cut in 0..<history.blob.count { #expect(Ancestry(blob: Array(history.blob[..<cut])) == nil) }
        var wrong = history.blob
        wrong[11] = 1  // the first came from none
        #expect(Ancestry(blob: wrong) == nil)
    }
}
