internal import Foundation
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What waits here, and for what, in a person's words (EXC-34).
extension Engine {
    /// The parked changesets in order of arrival, without those that would change nothing if they waited no more: nobody is to
    /// look for what these lack (REV-2). O(parked + what they lack).
    package func parked() throws -> [Status.Parked] {
        let all = try rootCauses()
        let bounds = Self.bounds(all)
        return try all.filter { try judgement(of: $0.dot) != .withheld }.map { waiting in
            var seen: Set<String> = []
            return Status.Parked(
                dot: waiting.dot, device: try store.author(waiting.dot.origin)?.name ?? "", made: waiting.head.time,
                waitsFor: try waiting.waitsFor.map { try words($0, bounds) }.filter { seen.insert($0).inserted })
        }
    }

    /// A changeset that waits here for something.
    typealias Waiting = (dot: Dot, head: ChangesetHeader, waitsFor: [Missing])

    /// For each changeset that is missing the time of the oldest that builds on it: a hybrid time is not before
    /// those of the causes (MRG-15), so that what is missing was written before that.
    static func bounds(_ all: [Waiting]) -> [Dot: Timestamp] {
        var bounds: [Dot: Timestamp] = [:]
        for waiting in all {
            for dot in waiting.waitsFor.compactMap(\.dot) {
                bounds[dot] = min(bounds[dot] ?? waiting.head.time, waiting.head.time)
            }
        }
        return bounds
    }

    /// The parked changesets in order of arrival, each with what it waits for in the end.
    func rootCauses() throws -> [Waiting] {
        let waiting = try store.dots(.parked).compactMap { id in
            try head(id).map { (dot: try store.known(id).dot, head: $0) }
        }
        let roots = try RootCauses(
            waiting.map { dot, head in
                let missing = try missing(head, dot)
                let version =
                    try missing.isEmpty ? store.metDot(dot).flatMap { try sealed($0) }.flatMap(unreadable) : nil
                return (dot, version.map { [.program($0)] } ?? missing)
            })
        return waiting.map { ($0.dot, $0.head, roots.of($0.dot)) }
    }

    /// What these waiting changesets lack in the end, each thing once.
    package func waits(_ dots: [Dot]) throws -> [String] {
        guard !dots.isEmpty else { return [] }
        let chosen = Set(dots)
        var seen: Set<String> = []
        return try parked().filter { chosen.contains($0.dot) }.flatMap(\.waitsFor).filter { seen.insert($0).inserted }
    }

    func words(_ missing: Missing, _ bounds: [Dot: Timestamp]) throws -> String {
        switch missing {
        case .changeset(let dot): try words(dot, "", before: bounds[dot])
        case .predecessor(let dot): try words(dot, "earlier ", before: bounds[dot])
        case .hub(_, let position): "the hub's changes up to number \(position): sync with the hub"
        case .verdict: "the hub's word whether it has this already: sync with the hub"
        case .horizon: "the hub, which knows rows that are forgotten here: sync with the hub"
        case .program: "a newer version of this program, which its changes were made with: update, and sync"
        }
    }

    private func words(_ dot: Dot, _ earlier: String, before: Timestamp?) throws -> String {
        let rumour = try store.rumour(dot)
        let known = try store.author(dot.origin)?.name ?? ""
        let name = known.isEmpty ? rumour?.device ?? "" : known
        let device = name.isEmpty ? "a device that is not known here" : name
        let now = clock.now()
        if let made = rumour?.made {
            return "the \(earlier)bundle of \(device) made on \(made.spoken(now: now)), or a later one"
        }
        if let time = rumour?.time { return "the \(earlier)changes of \(device) of \(time.spoken(now: now))" }
        // Who may not hold everything is told nothing of what is kept from them (P11): what waits says it all.
        return "\(earlier)work of \(device)" + (before.map { " from before \($0.spoken(now: now))" } ?? "")
    }
}

/// What is missing at the root of each waiting changeset: not what itself only waits.
private struct RootCauses {
    private let direct: [Dot: [Engine.Missing]]
    private let known: [Dot: [Engine.Missing]]

    /// O(changesets + what they lack): each is worked out once, after all that it waits for.
    init(_ waiting: [(Dot, [Engine.Missing])]) throws {
        let direct = Dictionary(waiting) { first, _ in first }
        var known: [Dot: [Engine.Missing]] = [:]
        for (start, _) in waiting {
            var stack = [start]
            var entered: Set<Dot> = []
            while let dot = stack.last {
                let open = (direct[dot] ?? []).compactMap(\.dot).filter {
                    direct[$0] != nil && known[$0] == nil && !entered.contains($0)
                }
                if known[dot] == nil, entered.insert(dot).inserted, !open.isEmpty {
                    stack += open
                    continue
                }
                stack.removeLast()
                guard known[dot] == nil else { continue }
                var roots: [Engine.Missing] = []
                var seen: Set<Engine.Missing> = []
                for missing in direct[dot] ?? [] {
                    let deeper = missing.dot.flatMap { direct[$0] == nil ? nil : known[$0] ?? [] } ?? [missing]
                    roots += deeper.filter { seen.insert($0).inserted }
                }
                known[dot] = roots
            }
        }
        self.direct = direct
        self.known = known
    }

    func of(_ dot: Dot) -> [Engine.Missing] { known[dot] ?? direct[dot] ?? [] }
}

extension Engine.Missing {
    var dot: Dot? {
        switch self {
        case .changeset(let dot), .predecessor(let dot): dot
        case .hub, .horizon, .verdict, .program: nil
        }
    }
}

extension Timestamp {
    /// As a person says it, in the time zone of this machine: "4 May, 17:10"; with the year, unless it is this year.
    func spoken(now: Timestamp, in zone: TimeZone = .current) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        // Beyond these years a calendar has nothing sensible to say.
        let bounded = min(max(milliseconds, -60_000_000_000_000), 250_000_000_000_000)
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute], from: Date(timeIntervalSince1970: Double(bounded) / 1000))
        let thisYear = calendar.component(.year, from: Date(timeIntervalSince1970: Double(now.milliseconds) / 1000))
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        let month = parts.month.flatMap { months.indices.contains($0 - 1) ? months[$0 - 1] : nil } ?? "?"
        let year = parts.year == thisYear ? "" : " \(parts.year ?? 0)"
        func padded(_ number: Int?) -> String { String(format: "%02d", number ?? 0) }
        return "\(parts.day ?? 0) \(month)\(year), \(padded(parts.hour)):\(padded(parts.minute))"
    }
}
