internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What one device may give another of some scopes, worked out from the receiver's certificate and the sender's own rows
/// (SCO-21 to SCO-23).
final class ReceiverScopes {
    private let engine: Engine
    private let store: Store
    private let matcher: ScopeMatcher
    private let scopes: [Int64]
    private let references: [Int64: [ScopeReference]]
    private let batch: RowBatch
    /// Rows whose pending or parked changes may take them from one scope to another.
    private var moving: Set<HeldRowName> = []
    /// Something is parked that cannot be read: nobody can tell what it moves (EXC-36).
    private var isBlind = false
    private var core: [HeldRowName: Set<Int64>] = [:]

    /// The certificate must have been verified, and must not hold `all`.
    init(_ certificate: ScopeCertificate, of engine: Engine, waiting: [DotID]) throws {
        self.engine = engine
        store = engine.store
        scopes = Array(0..<Int64(certificate.scopes.count))
        matcher = try ScopeMatcher(
            Array(zip(scopes, certificate.scopes)).map { (id: $0, definition: $1) }, store: store)
        references = engine.scopeReferences()
        batch = RowBatch(store: store)
        for dot in waiting { try noteMoving(dot) }
    }

    private func noteMoving(_ dot: DotID) throws {
        guard let changeset = try engine.sealed(dot) else { return }
        guard engine.unreadable(changeset) == nil else {
            isBlind = true
            return
        }
        for (row, change) in try engine.changes(of: changeset) {
            let enters =
                change.deletionsReplaced.isEmpty
                && change.writes.contains { $0.unit == RowState.existence && $0.replaced.isEmpty }
            guard !enters, let layout = store.layout(row.table) else { continue }
            let isMoved = change.writes.contains { write in
                layout.unit(write.unit)?.columns.contains { decides(row.table, $0) } ?? true
            }
            if isMoved && change.cover == nil || change.into != nil { moving.insert(row) }
        }
    }

    private func decides(_ table: Int64, _ column: Int) -> Bool {
        matcher.decides(table, column: column) || (references[table] ?? []).contains { $0.columns.contains(column) }
    }

    /// Whether every row of a changeset that is applied here is in the scopes for certain.
    func mayHave(_ dot: DotID) throws -> Bool {
        guard !isBlind, let changeset = try engine.sealed(dot) else { return false }
        return try engine.changes(of: changeset).allSatisfy { try isIn($0.row) }
    }

    private func isIn(_ row: HeldRowName) throws -> Bool {
        var asked: Set<HeldRowName> = []
        return try isIn(row, &asked)
    }

    /// In the core of a scope, or referenced by a shown row that is in.
    private func isIn(_ row: HeldRowName, _ asked: inout Set<HeldRowName>) throws -> Bool {
        guard asked.insert(row).inserted, !moving.contains(row), try facts(row) != nil else { return false }
        if try !coreScopes(of: row).isEmpty { return true }
        for reference in batch.references.to(row.table) {
            for child in try store.children(of: row.key, in: reference.child, columns: reference.columns) {
                if try isIn(.init(table: reference.child.id, key: child), &asked) { return true }
            }
        }
        return false
    }

    private func coreScopes(of row: HeldRowName) throws -> Set<Int64> {
        if let known = core[row] { return known }
        core[row] = []  // a row on its way to itself is no reason
        guard !moving.contains(row), let facts = try facts(row) else { return [] }
        var found = try matcher.matches([(facts.table, facts.values)])[0]
        for parent in facts.parents where parent.isShown {
            let above = scopes.filter { matcher.leadsIn($0, child: row.table, reference: parent.reference) }
            guard !above.isEmpty else { continue }
            let parentScopes = try coreScopes(of: .init(table: parent.table, key: parent.key))
            found.formUnion(parentScopes.intersection(above))
        }
        core[row] = found
        return found
    }

    /// Nil: not enough is held of the row to tell.
    private func facts(_ row: HeldRowName) throws -> ScopeFacts? {
        let held = try store.load(table: row.table, key: row.key)
        guard !held.state.isEmpty, try store.judge(held.state, of: row.key, table: row.table).complete else {
            return nil
        }
        return try engine.scopeFacts(
            table: row.table, key: row.key, hash: held.hash, state: held.state, references: references)
    }
}

/// A device's own scopes, ready to be asked.
struct OwnScopes {
    let ids: [Int64]
    let matcher: ScopeMatcher
    let references: [Int64: [ScopeReference]]
}

extension Engine {
    /// What a receiver may get of these changesets. A device that has no certificate knows of no scopes; one that has
    /// wants to see one (SCO-21).
    func allowed(_ dots: [DotID], for receiver: ScopeCertificate?) throws -> [DotID] {
        guard try receiver != nil || scopeCertificate() != nil else { return dots }
        guard let receiver else { return [] }
        if receiver.isOfAll { return dots }
        let scopes = try ReceiverScopes(
            receiver, of: self, waiting: store.dots(.pending) + store.dots(.parked))
        var allowed: [DotID] = []
        for dot in dots where try store.standing(of: dot) == .pending {
            if try scopes.mayHave(dot) { allowed.append(dot) }
        }
        return allowed
    }

    /// This device's scopes, made ready once for each bundle; nil: it may hold everything.
    private func ownScopes(_ intake: inout Intake) throws -> OwnScopes? {
        if let known = intake.ownScopes { return known }
        var own: OwnScopes?
        if !isHub, let certificate = try scopeCertificate(), !certificate.isOfAll {
            let scopes = Array(zip(Int64(0)..., certificate.scopes)).map { (id: $0, definition: $1) }
            own = OwnScopes(
                ids: scopes.map(\.id), matcher: try ScopeMatcher(scopes, store: store), references: scopeReferences())
        }
        intake.ownScopes = .some(own)
        return own
    }

    /// SCO-23: whether a changeset that came sideways enters a row that is evidently in none of this device's scopes.
    func isEvidentlyOutside(_ changeset: SealedChangeset, batch: RowBatch, intake: inout Intake) throws -> Bool {
        guard let own = try ownScopes(&intake) else { return false }
        let id = try store.dotID(changeset.dot)
        var entered: [(row: HeldRowName, facts: ScopeFacts)] = []
        var named: Set<HeldRowName> = []
        let changes = try self.changes(of: changeset)
        let rows = Set(changes.map(\.row))
        for (row, change) in changes {
            var state = RowState()
            state.apply(change, as: id)
            let facts = try scopeFacts(
                table: row.table, key: row.key, hash: store.rowHash(row.table, row.key), state: state,
                references: own.references)
            named.formUnion(facts.parents.map { HeldRowName(table: $0.table, key: $0.key) })
            if change.writes.contains(where: { $0.unit == RowState.existence }) { entered.append((row, facts)) }
        }
        let matched = try own.matcher.matches(entered.map { ($0.facts.table, $0.facts.values) })
        for ((row, facts), found) in zip(entered, matched) where found.isEmpty && !named.contains(row) {
            let isWithin = try facts.parents.contains { parent in
                let name = HeldRowName(table: parent.table, key: parent.key)
                return try own.ids.contains { own.matcher.leadsIn($0, child: row.table, reference: parent.reference) }
                    && (rows.contains(name) || isMet(name, batch))
            }
            let held = try !isWithin && isMet(row, batch)
            if !isWithin, !held { return true }
        }
        return false
    }

    private func isMet(_ row: HeldRowName, _ batch: RowBatch) throws -> Bool {
        if let working = batch.working(row.table, row.key) { return !working.state.isEmpty }
        return try store.load(table: row.table, key: row.key).place != .absent
    }
}
