public import SatchelModel

/// What follows from rows that refer to one another and from rows that want one place (MRG-20, MRG-22, MRG-42).
///
/// Derived from the state, never written: a repair that were a write would conflict with the same repair made
/// elsewhere (MRG-21).
public enum Referring {
    public struct Reference: Sendable, Hashable {
        /// Index of the row referred to; nil: it is not held at all.
        public var parent: Int?
        public var policy: ReferencePolicy

        public init(_ parent: Int?, _ policy: ReferencePolicy) {
            self.parent = parent
            self.policy = policy
        }
    }

    /// What must be known of one row.
    public struct Row: Sendable, Hashable {
        public var alive: Bool
        /// Complete, and its table takes it (MRG-7, MRG-45).
        public var complete: Bool
        public var references: [Reference]
        /// Dots of the standing deletions, by which it is brought back.
        public var deletions: [DotID]
        /// Dots of the deletions by which it brings others back (MRG-42, MRG-61).
        public var brings: [DotID]
        /// Whether a shown row outside the replica's scopes refers to it, as the hub says (SCO-14).
        public var isKeptOutside: Bool

        public init(
            alive: Bool, complete: Bool, references: [Reference], deletions: [DotID] = [], brings: [DotID]? = nil,
            isKeptOutside: Bool = false
        ) {
            self.alive = alive
            self.complete = complete
            self.references = references
            self.deletions = deletions
            self.brings = brings ?? deletions
            self.isKeptOutside = isKeptOutside
        }
    }

    public enum Fate: Sendable, Equatable, CaseIterable {
        /// Alive, complete, and all it refers to is shown.
        case shown
        /// Dead, but shown because a shown row refers to it.
        case kept
        /// Dead, but shown because it was deleted together with a row that is shown.
        case broughtBack
        /// Alive, but it or something it needs is not held complete: listed, not shown.
        case aside
        /// Alive, but what it refers to is deleted: listed, not shown.
        case fallen
        /// An older row has its place: listed, not shown.
        case clashing
        case dead

        public var isShown: Bool { self == .shown || self == .kept || self == .broughtBack }
    }

    public struct Outcome: Sendable, Equatable {
        public var fates: [Fate]
        /// Rows that would be shown if no two rows clashed.
        public var wanted: [Bool]
        /// Rows that may bring others back: those, and what can stand and is there for a reason, though something that it needs
        /// is not. What comes back with such a row may need just that.
        public var founding: [Bool]
    }

    /// The fate of each row, for a set of rows that is closed under what their fates depend on.
    ///
    /// `places` are the unique places that several rows want, each with those rows, the oldest first.
    ///
    /// With clashes this is the well-founded model of "shown unless an older one is", found by the alternating
    /// fixpoint of Van Gelder, "The alternating fixpoint of logic programs with negation" (1993): what is shown is
    /// shown in every reading, and a row whose place depends on itself is not. O((rows + references) · rounds).
    public static func judge(_ rows: [Row], places: [[Int]] = []) -> Outcome {
        let net = Net(rows)
        let able = rows.map { row in
            row.complete && !row.references.contains { $0.parent == nil && $0.policy != .setNull }
        }
        let wanted = net.shown(of: able)
        var (sure, possible) = (wanted, wanted)
        if !places.isEmpty {
            sure = rows.map { _ in false }
            while true {
                let surer = net.shown(of: able, without: younger(than: possible, places))
                let fewer = net.shown(of: able, without: younger(than: surer, places))
                if surer == sure, fewer == possible { break }
                (sure, possible) = (surer, fewer)
            }
        }
        var clashing = younger(than: possible, places)
        for row in rows.indices { clashing[row] = clashing[row] && wanted[row] && !sure[row] }
        let stands = net.supported(rows.indices.map { able[$0] && !clashing[$0] })
        let fates = rows.indices.map { row -> Fate in
            if sure[row] { return net.fate(ofShown: row, among: sure) }
            if clashing[row] { return .clashing }
            return !rows[row].alive ? .dead : stands[row] ? .fallen : .aside
        }
        return Outcome(fates: fates, wanted: wanted, founding: net.founded(in: net.supported(able)))

        /// The rows that want a place which an older row of the set has.
        func younger(than set: [Bool], _ places: [[Int]]) -> [Bool] {
            var out = rows.map { _ in false }
            for place in places {
                guard let first = place.firstIndex(where: { set[$0] }) else { continue }
                for row in place[(first + 1)...] { out[row] = true }
            }
            return out
        }
    }
}

/// Rows with their references both ways.
private struct Net {
    let rows: [Referring.Row]
    /// For each row, those that cannot be shown without it.
    private var dependents: [[Int]]
    /// For each row, the dead ones that fell with it.
    private var companions: [[Int]]

    init(_ rows: [Referring.Row]) {
        self.rows = rows
        dependents = rows.map { _ in [] }
        companions = dependents
        for (row, facts) in rows.enumerated() {
            for reference in facts.references {
                guard let parent = reference.parent else { continue }
                if reference.policy != .setNull { dependents[parent].append(row) }
                if !facts.alive, fellTogether(row, parent) { companions[parent].append(row) }
            }
        }
    }

    private func fellTogether(_ row: Int, _ parent: Int) -> Bool {
        row != parent && rows[row].deletions.contains { rows[parent].brings.contains($0) }
    }

    /// MRG-20: the greatest set of rows of which each has what it needs and is there for a reason.
    func shown(of able: [Bool], without out: [Bool]? = nil) -> [Bool] {
        var set = supported(out.map { out in zip(able, out).map { $0 && !$1 } } ?? able)
        while true {
            let next = supported(founded(in: set))
            if next == set { return set }
            set = next
        }
    }

    /// The greatest subset of which each row has all that it cannot be shown without. O(rows + references).
    func supported(_ set: [Bool]) -> [Bool] {
        var set = set
        var gone = rows.indices.filter { !set[$0] }
        while let row = gone.popLast() {
            for child in dependents[row] where set[child] {
                set[child] = false
                gone.append(child)
            }
        }
        return set
    }

    /// The least subset that holds the alive rows and those kept from outside, what its rows revive, and what fell with its rows.
    /// O(rows + references).
    func founded(in set: [Bool]) -> [Bool] {
        var found = rows.indices.map { set[$0] && (rows[$0].alive || rows[$0].isKeptOutside) }
        var open = rows.indices.filter { found[$0] }
        func add(_ row: Int) {
            guard set[row], !found[row] else { return }
            found[row] = true
            open.append(row)
        }
        while let row = open.popLast() {
            for reference in rows[row].references where reference.policy == .revive { reference.parent.map(add) }
            companions[row].forEach(add)
        }
        return found
    }

    /// MRG-48: a row that came back with another is asked about with that one, unless a live row needs it.
    func fate(ofShown row: Int, among shown: [Bool]) -> Referring.Fate {
        if rows[row].alive { return .shown }
        let neededByLive =
            rows[row].isKeptOutside
            || dependents[row].contains { child in
                shown[child] && rows[child].alive
                    && rows[child].references.contains { $0.parent == row && $0.policy == .revive }
            }
        let came = rows[row].references.contains { reference in
            reference.parent.map { shown[$0] && fellTogether(row, $0) } ?? false
        }
        return came && !neededByLive ? .broughtBack : .kept
    }
}
