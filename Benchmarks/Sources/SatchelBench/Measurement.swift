import Foundation

/// One row of the table: a cost beside plain SQLite's for the same work, in one run.
struct Measurement: Codable {
    let name: String
    let unit: String
    /// Medians of all repetitions. `plain` is nil where plain SQLite does no such thing.
    let plain: Double?
    let value: Double
    /// Median of value / plain, pair by pair.
    let ratio: Double?
    let goal: Double
    /// Whether `ratio`, or `value` where there is none, is within the goal.
    let holds: Bool

    init(_ name: String, unit: String, plain: [Double], value: [Double], goal: Double) {
        self.name = name
        self.unit = unit
        self.plain = plain.isEmpty ? nil : Self.median(plain)
        self.value = Self.median(value)
        ratio = plain.isEmpty ? nil : Self.median(zip(value, plain).map { $0 / $1 })
        self.goal = goal
        holds = (ratio ?? self.value) <= goal
    }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    var line: String {
        func number(_ value: Double?) -> String { value.map { String(format: $0 < 100 ? "%.3f" : "%.0f", $0) } ?? "–" }
        let ratioText = ratio.map { String(format: "%.2fx", $0) } ?? "–"
        let goalText = ratio == nil ? number(goal) : String(format: "%.2fx", goal)
        return [
            ratioText.leftPadded(8), goalText.leftPadded(8), (holds ? "yes" : "NO").leftPadded(6),
            number(plain).leftPadded(9),
            number(value).leftPadded(9), "  \(unit.padding(toLength: 6, withPad: " ", startingAt: 0)) \(name)",
        ].joined()
    }

    static let heading = "   ratio    goal holds    plain  satchel  unit   work"
}

extension String {
    func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

/// Seconds that `body` takes: on the wall, or with `--cpu` of processor time on all cores, for a machine that others use
/// too.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now()
    try body()
    return now() - start
}

private func now() -> Double {
    var time = timespec()
    clock_gettime(countsProcessorTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func fileMegabytes(_ path: String) -> Double {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? NSNumber
    return (size?.doubleValue ?? 0) / 1e6
}
