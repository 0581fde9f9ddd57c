import Foundation

/// The rows as people read them: ratios first, then how the cost of each grows.
struct Table {
    let rows: [Measurement]

    var text: String {
        var lines = ["   ratio     goal holds     plain   session   satchel  memory  unit   work"]
        lines += rows.map(line)
        let grown = rows.filter { $0.growth != nil }
        if !grown.isEmpty {
            lines += [
                "", "How the cost grows over three sizes, as a power of the size; that of plain SQLite beside it.",
            ]
            lines += ["exponent   plain  at 1/4      at 1/2           at 1"] + grown.map(growth)
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ row: Measurement) -> String {
        let ratio = row.ratio.map { String(format: "%.2fx", $0) } ?? "–"
        let goal =
            switch row.goal {
            case .ratio(let most): String(format: "≤ %.2fx", most)
            case .atMost(let most): "≤ " + number(most)
            case .atLeast(let least): "≥ " + number(least)
            }
        let cells = [
            (ratio, 8), (goal, 9), (row.holds ? "yes" : "NO", 6), (number(row.plain), 10), (number(row.session), 10),
            (number(row.value), 10), (row.memory.map { String(format: "%.0f MiB", $0) } ?? "–", 8),
        ]
        return cells.map { padded($0, $1) }.joined() + "  " + row.unit.padding(toLength: 7, withPad: " ", startingAt: 0)
            + row.name + (row.note.isEmpty ? "" : " (\(row.note))")
    }

    private func growth(_ row: Measurement) -> String {
        guard let growth = row.growth else { return "" }
        let costs = growth.points.map { padded(number($0.cost), 11) }.joined()
        return padded(String(format: "%.2f", growth.exponent), 8)
            + padded(growth.plainExponent.map { String(format: "%.2f", $0) } ?? "–", 8) + costs
            + (growth.isDefect ? "  GROWS FASTER THAN THE WORK" : "") + "  \(row.name)"
    }

    private func number(_ value: Double?) -> String {
        value.map { String(format: $0 < 10 ? "%.3f" : $0 < 1000 ? "%.1f" : "%.0f", $0) } ?? "–"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
