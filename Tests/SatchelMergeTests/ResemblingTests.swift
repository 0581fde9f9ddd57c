import SatchelModel
import Testing

@testable import SatchelMerge

/// What is taken for one thing entered twice, in both directions (MRG-58, MRG-59).
@Suite struct ResemblingTests {
    private static let table = TableSchema(
        name: "client",
        columns: ["id", "code", "branch", "name", "phone", "mail"].map {
            .init(name: $0, notNull: false, defaultSQL: nil)
        }, key: [0], units: [], references: [], withoutRowid: false, naturalKeys: [[1, 2]], similar: [3, 4, 5])
    private let rule = Resembling(table)

    private func row(_ id: String, _ columns: [Int: Value]) -> [Value] {
        (0..<6).map { $0 == 0 ? .text(id) : columns[$0] ?? .null }
    }

    private func reasons(_ a: [Int: Value], _ b: [Int: Value]) -> [Resembling.Reason] {
        let (left, right) = (rule.entry(row("a", a)), rule.entry(row("b", b)))
        let found = rule.compare(left, right)
        #expect(found == rule.compare(right, left), "alike is alike both ways")
        return found
    }

    @Test(
        arguments: [
            (.text("９１３３ab"), .text(" 9133AB\u{3000}"), true), (.text("9133AB"), .text("9133AC"), false),
            (.text("9133 AB"), .text("9133AB"), false), (.text("\u{3000}"), .text(" "), false),
            (.null, .null, false), (.integer(7), .integer(7), true), (.integer(7), .real(7), false),
            (.integer(7), .text("7"), false), (.text("ＣＡＦÉ"), .text("cafe\u{301}"), true),
        ] as [(Value, Value, Bool)])
    func naturalKeysAreEqualAfterFoldingAndNothingClashesWithNothing_MRG58(a: Value, b: Value, clash: Bool) {
        #expect(reasons([1: a, 2: .integer(1)], [1: b, 2: .integer(1)]) == (clash ? [.naturalKey(0)] : []))
        #expect(reasons([1: a, 2: .integer(1)], [1: b, 2: .integer(2)]).isEmpty, "every column must be equal")
        #expect(reasons([1: a], [1: b]).isEmpty, "a NULL in one column")
    }

    @Test(
        arguments: [
            ("太原钢铁（集团）有限公司", "太原钢铁集团公司", true), ("Acme Co., Ltd.", "ＡＣＭＥ", true), ("Zinc", "Z", false),
            ("公司", "有限公司", false), ("太原第一中学", "太原第二中学", false), ("", "", false), ("（）", "()", false),
        ])
    func namesAreEqualWithoutTheirLegalForm_MRG59(a: String, b: String, alike: Bool) {
        #expect(
            reasons([3: .text(a)], [3: .text(b)]) == (alike ? [.similar(percent: 100, equal: [])] : []), "\(a), \(b)")
    }

    @Test(
        arguments: [
            ("太原第一中学", "太原第二中学", 60), ("甲乙丙", "甲乙丁", 50), ("甲乙丙", "甲丁丙", nil), ("甲", "乙", nil),
        ] as [(String, String, Int?)])
    func halfANameAndATelephoneAreAlike_MRG59(a: String, b: String, percent: Int?) {
        let phone = Value.text("0351-213 7000")
        let other = Value.text("+86 (351) 2137000")
        #expect(
            reasons([3: .text(a), 4: phone], [3: .text(b), 4: other])
                == (percent.map { [.similar(percent: $0, equal: [4])] } ?? []))
        #expect(reasons([3: .text(a), 4: phone], [3: .text(b), 4: .text("2137001")]).isEmpty)
    }

    @Test(
        arguments: [
            ("2137000", "02137000", true), ("213700", "0213700", false), ("213700", "213700", true),
            ("2137000 转 8", "2137000", false), ("A@b.cn", "a@B.cn ", true), ("", " ", false),
        ])
    func otherColumnsAreEqualByTheirLastSevenDigitsOrAsFolded_MRG59(a: String, b: String, equal: Bool) {
        let name = Value.text("太原第一中学")
        let near = Value.text("太原第二中学")
        #expect(reasons([3: name, 5: .text(a)], [3: near, 5: .text(b)]).isEmpty == !equal)
    }

    @Test func pairsDoNotDependOnTheOrderOfTheRowsAndFindWhatComparingAllFinds_MRG58_MRG59() {
        var rows: [[Value]] = []
        for index in 0..<60 {
            rows.append(
                row(
                    "k\(10 + index)",
                    [
                        1: .text("code \(index % 23)"), 2: .integer(1),
                        3: .text("甲乙丙\(["丁", "戊", "己公司", "己"][index % 4])"),
                        4: .text("13\(index % 17)00000"),
                    ]))
        }
        let entries = rows.map(rule.entry)
        var all: Set<[Int]> = []
        for a in entries.indices {
            for b in entries.indices where b > a && !rule.compare(entries[a], entries[b]).isEmpty {
                all.insert([a, b])
            }
        }
        let found = rule.pairs(among: entries)
        // Blocks of more than seventeen rows are compared with their neighbours only: here those of one name.
        #expect(Set(found.map { [$0.first, $0.second] }).isSubset(of: all) && found.count > 150)
        let small = rule.pairs(among: Array(entries[..<16]))
        #expect(Set(small.map { [$0.first, $0.second] }) == all.filter { $0[1] < 16 })
        for pair in found { #expect(pair.reasons == rule.compare(entries[pair.first], entries[pair.second])) }
    }

    @Test func aThousandAtOneSwitchboardAreComparedWithSixteenEach_MRG59() {
        let entries = (0..<1000).map { rule.entry(row("\(1000 + $0)", [3: .text("同一单位"), 4: .text("2137000")])) }
        #expect(rule.pairs(among: entries).count == 1000 * 16 - (1...16).reduce(0, +))
    }
}
