internal import GRDB
internal import SatchelModel

/// What people do to columns that merge by themselves, and to what is set once.
extension RandomScript {
    static func policied(_ random: inout SplitMix64) -> (sql: String, arguments: [DatabaseValue]) {
        let id: DatabaseValue = "t\(Int.random(in: 0..<3, using: &random))".databaseValue
        let number = Int.random(in: -3...5, using: &random).databaseValue
        let value = random.pick(measures).databaseValue
        switch Int.random(in: 0..<14, using: &random) {
        case 0..<3:
            let insert = random.pick(["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"])
            let once: DatabaseValue = random.chance(50) ? .null : number
            return (
                "\(insert) INTO tally VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [id, number, tags(&random), value, value, "一二·三四".databaseValue, value, once]
            )
        case 3..<6: return ("UPDATE tally SET n = n + ? WHERE id = ?", [number, id])
        case 6: return ("UPDATE tally SET n = ?, last = ? WHERE id = ?", [number, value, id])
        case 7, 8: return ("UPDATE tally SET tags = ? WHERE id = ?", [tags(&random), id])
        case 9: return ("UPDATE tally SET low = ?, high = ? WHERE id = ?", [value, value, id])
        case 10, 11:
            // One of four words, each with forms of its own, two of them without anything between.
            let slot = random.pick([(1, "一壹1"), (2, "二贰2"), (4, "三叁3"), (5, "四肆4")])
            let form = String(random.pick(Array(slot.1))).databaseValue
            return (
                "UPDATE tally SET words = substr(words, 1, \(slot.0 - 1)) || ? || substr(words, \(slot.0 + 1)) WHERE id = ?",
                [form, id]
            )
        case 12:
            return random.chance(50)
                ? ("UPDATE tally SET once = ? WHERE id = ?", [number, id]) : ("DELETE FROM tally WHERE id = ?", [id])
        default:
            return random.chance(80)
                ? ("INSERT OR IGNORE INTO entry VALUES (?, ?)", [id, value])
                : (random.pick(["DELETE FROM entry WHERE id = ?", "UPDATE entry SET what = 7 WHERE id = ?"]), [id])
        }
    }

    private static let measures: [Value] = [
        .null, .integer(1), .integer(2), .real(1), .real(1.5), .real(-.infinity), .integer(.max), .real(0x1p63),
        .text("2026-05-01"), .text("2026-04-30"), .blob([1]),
    ]

    /// An array of some of four elements, not always in its one form.
    private static func tags(_ random: inout SplitMix64) -> DatabaseValue {
        let chosen = ["\"a\"", "\"复检\"", "1", "20"].filter { _ in random.chance(40) }.shuffled(using: &random)
        return "[\(chosen.joined(separator: random.pick([",", ", "])))]".databaseValue
    }
}
