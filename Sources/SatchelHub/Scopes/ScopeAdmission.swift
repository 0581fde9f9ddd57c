internal import Satchel
internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Judges what devices of some scopes hand in (SCO-17 to SCO-19, SCO-33).
final class ScopeAdmission: Admission {
    private let engine: Engine
    private let book: ScopeBook
    private let rows: MembershipStore
    private let membership: Membership
    private let names: DeviceNames
    private let entries: OwnEntries
    /// How many changes were set aside and still are, when they have been tried again.
    private(set) var count = 0
    private var noted: [(dot: DotID, h: Int64)] = []

    init(_ engine: Engine) throws {
        self.engine = engine
        book = ScopeBook(engine.store)
        rows = MembershipStore(engine.store)
        membership = try Membership(engine, book)
        names = DeviceNames(engine.store)
        entries = OwnEntries(engine, names)
    }

    func judges(_ author: OriginID) throws -> Bool {
        guard let device = try names.device(author) else { return false }
        return try !book.granted(device).contains(ScopeBook.all)
    }

    func rowsSetAside(of changeset: SealedChangeset, as dot: DotID) throws -> Set<HeldRowName> {
        try membership.follow()
        guard let device = try names.device(changeset.head.origin) else { return [] }
        try DeviceClaims(engine).meet(dot, of: device)
        let rights = try rights(of: device, cut: cut(of: changeset.head, as: dot))
        let late = try late(rights, of: device, dot)
        if late.haveAll { return [] }
        let changes = try engine.changes(of: changeset)
        var open: [Entered] = []
        var taken: Set<Int64> = []
        var references: Set<Int64> = []
        var aside: [HeldRowName: String] = [:]
        for (row, change) in changes {
            let h = engine.store.rowHash(row.table, row.key)
            let held = try engine.store.load(table: row.table, key: row.key)
            var state = held.state
            state.apply(change, as: dot)
            let before = Set(try facts(row, h, held.state).parents.map(\.hash))
            let after = try facts(row, h, state)
            let new = after.parents.filter { !before.contains($0.hash) }
            if try new.contains(where: { try isForeign(.init(table: $0.table, key: $0.key), late) }) {
                aside[row] = SetAsideStore.namesForeign
            } else if try mayChange(row, to: after, rights, late) {
                taken.insert(h)
                references.formUnion(after.parents.map(\.hash))
            } else if try isAside(h, device) {
                aside[row] = "it follows a change that was set aside"
            } else if try held.place != .absent || engine.store.archived(h) != nil {
                aside[row] = "the row is there and in none of the device's scopes"
            } else if change.writes.contains(where: { $0.unit == RowState.existence }) {
                var state = RowState()
                state.apply(change, as: dot)
                open.append(Entered(row: row, facts: try facts(row, h, state)))
            } else {
                aside[row] = SetAsideStore.lacksEntry
            }
        }
        for entered in try refused(open, rights, taken: taken, references: references) {
            aside[entered.row] = "the row was entered outside the device's scopes"
        }
        try note(aside, dot, device)
        return Set(aside.keys)
    }

    func foreign(
        to author: OriginID, from cut: UInt64, butEntered: Bool
    ) throws -> ((HeldRowName) throws -> Bool)? {
        try membership.follow()
        guard let device = try names.device(author) else { return nil }
        var rights = try rights(of: device, cut: cut)
        if !butEntered { rights.entries = nil }
        let given = rights
        return given.haveAll ? nil : { try self.isForeign($0, given) }
    }

    private func rights(of device: String, cut: UInt64) throws -> Rights {
        var grants = try book.grants(device, from: cut)
        // What they entered into tables that are not known here is theirs (SCO-34).
        if !grants.isEmpty { grants.append((OwnScope.id(of: device), 0, .max)) }
        return Rights(device: device, rows: rows, grants: grants, cut: cut, entries: entries)
    }

    /// The same from where the author's device had said to be before the changeset was met (SCO-30).
    private func late(_ rights: Rights, of device: String, _ dot: DotID) throws -> Rights {
        let floor = try DeviceClaims(engine).floor(of: dot)
        return floor <= rights.cut ? rights : try self.rights(of: device, cut: floor)
    }

    /// These changesets came: what their authors' devices say from now on does not count for them.
    func meet(_ came: [DotID]) throws {
        for id in came {
            if let device = try names.device(engine.store.known(id).dot.origin) {
                try DeviceClaims(engine).meet(id, of: device)
            }
        }
    }

    /// SCO-17; but who says to stand further back than their device once did takes no row back that had left (SCO-30).
    private func mayChange(
        _ row: HeldRowName, to facts: ScopeFacts, _ rights: Rights, _ late: Rights
    ) throws -> Bool {
        guard try rights.couldHold(facts.hash) else { return false }
        if try late.cut == rights.cut || late.couldHold(facts.hash) { return true }
        return try !refused([Entered(row: row, facts: facts)], late, taken: [], references: []).isEmpty
    }

    /// A row that is held here, and that this author could not hold.
    private func isForeign(_ row: HeldRowName, _ rights: Rights) throws -> Bool {
        let h = engine.store.rowHash(row.table, row.key)
        if try rights.couldHold(h) { return false }
        return try engine.store.load(table: row.table, key: row.key).place != .absent
            || engine.store.archived(h) != nil
    }

    private struct Entered {
        let row: HeldRowName
        let facts: ScopeFacts
    }

    private func facts(_ row: HeldRowName, _ h: Int64, _ state: RowState) throws -> ScopeFacts {
        try engine.scopeFacts(
            table: row.table, key: row.key, hash: h, state: state, references: membership.references)
    }

    /// SCO-18: what was entered is in the author's scopes by a rule, by `IN`, or as what a row of theirs refers to.
    private func refused(
        _ entered: [Entered], _ rights: Rights, taken: Set<Int64>, references: Set<Int64>
    ) throws -> [Entered] {
        var taken = taken
        var wanted = references
        var open = entered
        let matched = try membership.scopes(of: entered.map(\.facts))
        let byRule = Set(
            zip(entered, matched).filter { !$1.isDisjoint(with: rights.scopes) }.map { $0.0.facts.hash })
        var moved = true
        while moved {
            moved = false
            for place in open.indices.reversed() {
                let facts = open[place].facts
                guard
                    try byRule.contains(facts.hash) || wanted.contains(facts.hash)
                        || isWithin(facts, rights, taken) || isReferenced(facts.hash, rights)
                else { continue }
                taken.insert(facts.hash)
                wanted.formUnion(facts.parents.map(\.hash))
                open.remove(at: place)
                moved = true
            }
        }
        return open
    }

    private func isWithin(_ facts: ScopeFacts, _ rights: Rights, _ taken: Set<Int64>) throws -> Bool {
        try facts.parents.contains { parent in
            guard parent.isShown,
                rights.scopes.contains(where: {
                    membership.matcher.leadsIn($0, child: facts.table, reference: parent.reference)
                })
            else { return false }
            return try taken.contains(parent.hash) || rights.couldHold(parent.hash)
        }
    }

    private func isReferenced(_ h: Int64, _ rights: Rights) throws -> Bool {
        try rows.edges(ofParent: h).contains { try rights.couldHold($0.child) }
    }

    /// SCO-17: how far the author was at least, since the cut of a line never goes back.
    func cut(of head: ChangesetHeader, as dot: DotID) throws -> UInt64 {
        var cut = try engine.reach(epoch: head.clock.epoch, position: head.clock.position)
        if head.sequence > 1 {
            let before = Dot(origin: head.origin, sequence: head.sequence - 1, tag: head.previous.tag)
            if let id = try engine.store.metDot(before) {
                cut = max(cut, try storedCut(id))
            }
        }
        try engine.store.db.statement(
            "INSERT INTO satchel_scope_cut(dot, position) VALUES (?, ?) "
                + "ON CONFLICT(dot) DO UPDATE SET position = excluded.position"
        ).bind(1, dot).bind(2, Int64(bitPattern: cut)).run()
        return cut
    }

    private func isAside(_ h: Int64, _ device: String) throws -> Bool {
        let select = try engine.store.db.statement(
            "SELECT 1 FROM satchel_scope_aside WHERE h = ? AND device = ? AND accepted = 0")
        select.bind(1, h).bind(2, device)
        defer { select.reset() }
        return try select.step()
    }

    private func note(_ aside: [HeldRowName: String], _ dot: DotID, _ device: String) throws {
        noted += aside.keys.map { (dot, engine.store.rowHash($0.table, $0.key)) }
        for (row, reason) in aside.sorted(by: { $0.key < $1.key }) {
            try engine.store.db.statement(
                "INSERT OR REPLACE INTO satchel_scope_aside(dot, h, tbl, key, device, reason) VALUES (?, ?, ?, ?, ?, ?)"
            ).bind(1, dot).bind(2, engine.store.rowHash(row.table, row.key)).bind(3, row.table)
                .bind(4, blob: row.key.canonical).bind(5, device).bind(6, reason).run()
        }
    }

    /// Tries again what was set aside: of entries more of their authors' work may have come since, on the row itself too, and who was granted
    /// everything meanwhile may do everything (SCO-19).
    func tryAgain() throws {
        while true {
            try membership.follow()
            let ready = try acceptable()
            if ready.isEmpty { break }
            try SetAsideStore(engine.store).accept(ready, note: "in scope by now", engine)
        }
        count = try noted.count { try SetAsideStore(engine.store).isOpen($0.dot, $0.h) }
    }

    /// What is set aside and may be taken in by now.
    private func acceptable() throws -> [SetAsideStore.Accepted] {
        var ready: [SetAsideStore.Accepted] = []
        let open = try SetAsideStore(engine.store).open()
        let whole = Dictionary(grouping: open.filter { $0.reason != SetAsideStore.namesForeign }) {
            OfOneAuthor(row: $0.row, device: $0.device)
        }
        for change in open {
            let h = engine.store.rowHash(change.row.table, change.row.key)
            let rights = try rights(of: change.device, cut: storedCut(change.dot))
            if try late(rights, of: change.device, change.dot).haveAll {
                ready.append(.init(row: change.row, device: change.device, withForeign: true))
                continue
            }
            guard change.isEntry || change.lackedItsEntry else { continue }
            let isThere = try engine.store.load(table: change.row.table, key: change.row.key).place != .absent
            if change.lackedItsEntry, isThere, try rights.entered(h) {
                ready.append(.init(row: change.row, device: change.device, withForeign: false))
            }
            guard change.isEntry, !isThere else { continue }
            let all = whole[OfOneAuthor(row: change.row, device: change.device)] ?? []
            if try isIn(change, within: [change], rights) || all.count > 1 && isIn(change, within: all, rights) {
                // What names rows that its author could not hold stays aside (SCO-30).
                ready.append(.init(row: change.row, device: change.device, withForeign: false))
            }
        }
        return ready
    }

    /// Whether an entry is in its author's scopes as it, or one of these changes of the row after it, leaves the row (SCO-19).
    /// Not where one of their changesets is not here any more.
    private func isIn(
        _ entry: SetAsideStore.Change, within changes: [SetAsideStore.Change], _ rights: Rights
    ) throws -> Bool {
        let h = engine.store.rowHash(entry.row.table, entry.row.key)
        var (state, isEntered) = (RowState(), false)
        for aside in changes {
            guard let change = try change(aside) else { return false }
            state.apply(change, as: aside.dot)
            isEntered = isEntered || aside.dot == entry.dot
            if !isEntered { continue }
            let entered = Entered(row: entry.row, facts: try facts(entry.row, h, state))
            if try refused([entered], rights, taken: [], references: []).isEmpty { return true }
        }
        return false
    }

    /// What an author wrote to a row; nil: the changeset is not here any more.
    private func change(_ aside: SetAsideStore.Change) throws -> RowChange? {
        guard let changeset = try engine.sealed(aside.dot) else { return nil }
        return try engine.changes(of: changeset).first { $0.row == aside.row }?.change
    }

    private struct OfOneAuthor: Hashable {
        let row: HeldRowName
        let device: String
    }

    /// A change that was set aside, with the row as it would make it; nil: its changeset is not here any more.
    private func wouldBe(_ aside: SetAsideStore.Change) throws -> (enters: Bool, before: RowState, after: RowState)? {
        guard let change = try change(aside) else { return nil }
        let before = try engine.store.load(table: aside.row.table, key: aside.row.key).state
        var after = before
        after.apply(change, as: aside.dot)
        return (change.writes.contains { $0.unit == RowState.existence }, before, after)
    }

    /// How many changes of a device are set aside that are of one of these rows, name one, or would be taken in now.
    func concerning(_ rows: Set<HeldRowName>, of device: String) throws -> Int {
        let (ready, waiting) = try permitted(of: device)
        return try ready.count
            + waiting.filter { change in
                if rows.contains(change.row) { return true }
                guard let row = try wouldBe(change) else { return false }
                let h = engine.store.rowHash(change.row.table, change.row.key)
                return try facts(change.row, h, row.after).parents.contains {
                    rows.contains(.init(table: $0.table, key: $0.key))
                }
            }.count
    }

    /// What is set aside of a device: what it could hold now, each with what it builds on, and the rest.
    private func permitted(
        of device: String
    ) throws -> (ready: [SetAsideStore.Change], waiting: [SetAsideStore.Change]) {
        try membership.follow()
        var waiting = try SetAsideStore(engine.store).open().filter { $0.device == device }
        var ready: [SetAsideStore.Change] = []
        var (taken, references): (Set<Int64>, Set<Int64>) = ([], [])
        var moved = true
        while moved {
            moved = false
            for change in waiting {
                guard let parents = try permitted(change, taken, references) else { continue }
                taken.insert(engine.store.rowHash(change.row.table, change.row.key))
                references.formUnion(parents)
                ready.append(change)
                waiting.removeAll { ($0.dot, $0.row) == (change.dot, change.row) }
                moved = true
            }
        }
        return (ready, waiting)
    }

    /// After a handover: takes in what its receiver had set aside and could hold now (SCO-24). Returns how many rows.
    func takeIn(of device: String) throws -> Int {
        let (ready, waiting) = try permitted(of: device)
        var accepted: [SetAsideStore.Accepted] = []
        for row in Set(ready.map(\.row)).sorted() {
            // What names rows that the device could not hold is taken in together, or stays.
            let withForeign = !waiting.contains { $0.row == row && $0.reason == SetAsideStore.namesForeign }
            if withForeign || ready.contains(where: { $0.row == row && $0.reason != SetAsideStore.namesForeign }) {
                accepted.append(.init(row: row, device: device, withForeign: withForeign))
            }
        }
        if !accepted.isEmpty { try SetAsideStore(engine.store).accept(accepted, note: "handed over", engine) }
        return accepted.count
    }

    /// The rows that a change names, if its author could hold now what it is of and what it comes to name; else nil.
    private func permitted(
        _ change: SetAsideStore.Change, _ taken: Set<Int64>, _ references: Set<Int64>
    ) throws -> [Int64]? {
        guard let row = try wouldBe(change) else { return nil }
        let rights = try rights(of: change.device, cut: storedCut(change.dot))
        let late = try late(rights, of: change.device, change.dot)
        let h = engine.store.rowHash(change.row.table, change.row.key)
        let before = Set(try facts(change.row, h, row.before).parents.map(\.hash))
        let facts = try facts(change.row, h, row.after)
        for parent in facts.parents where !before.contains(parent.hash) {
            if try isForeign(.init(table: parent.table, key: parent.key), late) { return nil }
        }
        if try !taken.contains(h), try !mayChange(change.row, to: facts, rights, late) {
            guard row.enters, try !isForeign(change.row, rights),
                try refused(
                    [Entered(row: change.row, facts: facts)], rights, taken: taken, references: references
                ).isEmpty
            else { return nil }
        }
        return facts.parents.map(\.hash)
    }

    private func storedCut(_ dot: DotID) throws -> UInt64 {
        let select = try engine.store.db.statement("SELECT position FROM satchel_scope_cut WHERE dot = ?")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : 0
    }
}

/// What a device could hold from a position on (SCO-17, SCO-33).
private struct Rights {
    let device: String
    let rows: MembershipStore
    let grants: [(scope: Int64, since: Int64, until: Int64)]
    let cut: UInt64
    /// Nil: what the device entered itself is not asked.
    var entries: OwnEntries?

    var haveAll: Bool { grants.contains { $0.scope == ScopeBook.all } }
    var scopes: Set<Int64> { Set(grants.map(\.scope)) }

    func couldHold(_ h: Int64) throws -> Bool {
        if haveAll { return true }
        let wasIn = try grants.contains { grant in
            try rows.stays(grant.scope, h, beyond: cut).contains { stay in
                max(stay.entered, grant.since) < min(stay.left, grant.until)
            }
        }
        return try wasIn || entered(h)
    }

    /// SCO-33.
    func entered(_ h: Int64) throws -> Bool { try entries?.wasEntered(h, by: device, above: cut) ?? false }
}
