internal import Satchel
internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Which row is in which scope, kept in step with the hub's rows (SCO-8, SCO-9).
///
/// What a merge touched is taken out with all that depended on it, and what has a reason of its own is put back:
/// delete and rederive, after Gupta, Mumick and Subrahmanian, "Maintaining Views Incrementally" (1993). It is right
/// for cycles too, where counting reasons is not.
struct Membership {
    let engine: Engine
    let rows: MembershipStore
    let matcher: ScopeMatcher
    let references: [Int64: [ScopeReference]]
    let names: DeviceNames

    /// A row in a scope.
    struct Place: Hashable {
        let scope: Int64
        let row: Int64
    }

    init(_ engine: Engine, _ book: ScopeBook) throws {
        self.engine = engine
        rows = MembershipStore(engine.store)
        matcher = try ScopeMatcher(book.scopes(), store: engine.store)
        references = engine.scopeReferences()
        names = DeviceNames(engine.store)
    }

    // MARK: Following the log

    /// Brings the scopes in step with the log, if there are any; what they need for that is made only if something came.
    static func follow(_ engine: Engine, _ book: ScopeBook) throws {
        guard try book.isInUse else { return }
        let store = engine.store
        let isLevel = try store.metaInteger("scopes_schema") == store.metaInteger("schema_version")
        if try isLevel && store.metaInteger("scopes_at") == Int64(bitPattern: engine.position) { return }
        try Membership(engine, book).follow()
    }

    /// Takes in what the hub's log says since the last time. O(rows named since, and what depends on them).
    func follow() throws {
        let store = engine.store
        let now = try engine.position
        let schema = try store.metaInteger("schema_version")
        let before = UInt64(bitPattern: try store.metaInteger("scopes_at") ?? 0)
        if try store.metaInteger("scopes_schema") != schema {
            let erased = try erased(after: before)
            try index()
            try store.setMeta("scopes_schema", schema.map { .integer($0) })
            var isMoved = try recountOwnScopes(at: now + 1)
            for (id, _) in try ScopeBook(store).scopes() where try recount(id, at: now + 1) { isMoved = true }
            if isMoved {
                try engine.moveOn(note: "rows moved between scopes when the tables changed")
                try store.setMeta("scopes_at", .integer(Int64(bitPattern: now + 1)))
            }
            try forget(erased, at: now)
            return
        }
        guard before < now else { return }
        var named: [HeldRowName: UInt64] = [:]
        for dot in try store.dots(after: before) {
            let arrival = try store.arrival(of: dot) ?? now
            try engine.forEachRow(named: dot) { row in if named[row] == nil { named[row] = arrival } }
        }
        for row in try store.moved(after: before) where named[.init(table: row.table, key: row.key)] == nil {
            named[.init(table: row.table, key: row.key)] = now
        }
        let erased = try erased(after: before)
        for row in erased where named[row] == nil { named[row] = now }
        try update(named, at: now)
        try forget(erased, at: now)
        try store.setMeta("scopes_at", .integer(Int64(bitPattern: now)))
    }

    /// Nothing of erased rows stays, nor in the write-ahead log (ERA-2, ERA-7). One that somebody entered anew, and came with
    /// the order, is one that was never here; and what names it now does so still.
    private func forget(_ erased: [HeldRowName], at now: UInt64) throws {
        if erased.isEmpty { return }
        let hashes = erased.map { engine.store.rowHash($0.table, $0.key) }
        var left = Set(try hashes.flatMap { try rows.edges(ofParent: $0) }.compactMap { try rows.row($0.child) })
        left.subtract(erased)
        for (row, h) in zip(erased, hashes) {
            try rows.forget(h) { dot in
                var isNamed = false
                try engine.forEachRow(named: dot) { if $0 == row { isNamed = true } }
                return isNamed
            }
            if try facts(row).isHeld { left.insert(row) }
        }
        try update(Dictionary(uniqueKeysWithValues: left.map { ($0, now) }), at: now)
        try engine.store.setMeta("erasure_traces", .integer(1))
    }

    /// The rows known here that were erased whole since a position. O(rows of the tables of the orders).
    private func erased(after position: UInt64) throws -> [HeldRowName] {
        var found: [HeldRowName] = []
        for body in try engine.store.erasures(after: position) {
            let order = try SignedErasure(decoding: body).order
            for part in order.parts where part.units.isEmpty {
                let meant = Set(part.rows)
                for table in try engine.store.tables(named: part.table) {
                    found += try rows.rows(of: table).filter { row in
                        meant.contains(ErasureOrder.recognizer(salt: order.salt, table: part.table, key: row.key))
                    }
                }
            }
        }
        return found
    }

    /// Notes every row that is held, and what it references. O(rows).
    func index() throws {
        try rows.forgetEdges()
        for row in try engine.store.allRows() {
            let facts = try facts(.init(table: row.table, key: row.key))
            try rows.note(facts, born: 0)
            try rows.setEdges(facts)
        }
        try engine.store.setMeta("scopes_at", .integer(Int64(bitPattern: try engine.position)))
    }

    /// Counts one scope anew, after a change of its rules or of the tables. Returns whether any row entered or left. O(rows
    /// known).
    @discardableResult
    func recount(_ scope: Int64, at now: UInt64) throws -> Bool {
        var isMoved = false
        var matched: Set<Int64> = []
        try rows.forEachRow { chunk in
            let facts = try chunk.map { try self.facts($0) }.filter(\.isHeld)
            let found = try self.scopes(of: facts)
            for (row, scopes) in zip(facts, found) where scopes.contains(scope) { matched.insert(row.hash) }
        }
        let known = try rows.allEdges()
        let held = Set(try Set(known.map(\.parent)).filter { try rows.isHeld($0) })
        var edges: [Scoping.Edge] = []
        for edge in known where held.contains(edge.parent) {
            edges.append(.init(child: edge.child, parent: edge.parent, leadsIn: leadsIn(scope, edge)))
            if edge.isMerge { edges.append(.init(child: edge.parent, parent: edge.child, leadsIn: true)) }
        }
        let (core, whole) = Scoping.scope(matched: matched, edges: edges)
        let before = try rows.members(scope)
        for row in before.keys.sorted() where !whole.contains(row) {
            try rows.leave(scope, row, at: now)
            isMoved = true
        }
        for row in whole.sorted() {
            let isCore = core.contains(row)
            if before[row] == nil {
                try rows.enter(scope, row, core: isCore, at: now)
                isMoved = true
            } else if before[row] != isCore {
                try rows.setCore(scope, row, isCore)
            }
        }
        return isMoved
    }

    func facts(_ row: HeldRowName) throws -> ScopeFacts {
        try engine.scopeFacts(table: row.table, key: row.key, references: references)
    }

    private func leadsIn(_ scope: Int64, _ edge: MembershipStore.Edge) -> Bool {
        edge.isMerge || edge.isShown && matcher.leadsIn(scope, child: edge.table, reference: edge.reference)
    }

    /// The rows that are in the core of a scope because this one is.
    private func ledIn(_ place: Place) throws -> [Int64] {
        try rows.edges(ofParent: place.row).filter { leadsIn(place.scope, $0) }.map(\.child)
            + rows.edges(ofChild: place.row).filter(\.isMerge).map(\.parent)
    }

    /// The rows that are in a scope because this one is.
    private func needed(by row: Int64) throws -> [Int64] {
        try rows.edges(ofChild: row).map(\.parent) + rows.edges(ofParent: row).filter(\.isMerge).map(\.child)
    }

    /// The rows because of which this one is in a scope, if they are.
    private func needing(_ row: Int64) throws -> [Int64] {
        try rows.edges(ofParent: row).map(\.child) + rows.edges(ofChild: row).filter(\.isMerge).map(\.parent)
    }

    // MARK: Delete and rederive

    /// `named`: the rows that changed, each with the position at which it was first named since the last time.
    private func update(_ named: [HeldRowName: UInt64], at now: UInt64) throws {
        var touched: [ScopeFacts] = []
        var run = Run()
        var asked = Set(named.keys)
        var open = named.keys.sorted()
        while let row = open.popLast() {
            let facts = try facts(row)
            let edges = try rows.edges(ofChild: facts.hash)
            run.formerParents[facts.hash] = edges.map(\.parent)
            let survivors = edges.filter(\.isMerge).map(\.parent)
            run.formerSurvivors[facts.hash] = survivors
            // Those that it was merged into, before or now, may show something else (SCO-3).
            var into = try survivors.compactMap { try rows.row($0) }
            into += facts.parents.filter { $0.reference == ScopeReference.merge }.map {
                HeldRowName(table: $0.table, key: $0.key)
            }
            for survivor in into where asked.insert(survivor).inserted { open.append(survivor) }
            try rows.note(facts, born: named[row] ?? now)
            try rows.setEdges(facts)
            touched.append(facts)
        }
        try takeOut(touched, &run)
        try putBackCore(touched, &run)
        try putBack(touched, &run)
        try write(run, at: now)
    }

    /// What one update works on.
    private struct Run {
        var formerParents: [Int64: [Int64]] = [:]
        /// Those of them into which the row was merged.
        var formerSurvivors: [Int64: [Int64]] = [:]
        /// Places whose reason may be gone: in the core, and at all.
        var doubtfulCore: Set<Place> = []
        var doubtful: Set<Place> = []
        /// Places that have a reason now and were doubtful or are new.
        var core: Set<Place> = []
        var found: Set<Place> = []
    }

    private func takeOut(_ touched: [ScopeFacts], _ run: inout Run) throws {
        var open: [Place] = []
        for facts in touched {
            for (scope, isCore) in try rows.present(facts.hash) {
                let place = Place(scope: scope, row: facts.hash)
                run.doubtful.insert(place)
                if isCore, run.doubtfulCore.insert(place).inserted { open.append(place) }
            }
        }
        while let place = open.popLast() {
            for row in try ledIn(place) + (run.formerSurvivors[place.row] ?? []) {
                let led = Place(scope: place.scope, row: row)
                guard try rows.present(row)[place.scope] == true, run.doubtfulCore.insert(led).inserted
                else { continue }
                run.doubtful.insert(led)
                open.append(led)
            }
        }
        open = Array(run.doubtful)
        var asked: Set<Place> = run.doubtful
        while let place = open.popLast() {
            for parent in try needed(by: place.row) + (run.formerParents[place.row] ?? []) {
                let above = Place(scope: place.scope, row: parent)
                guard asked.insert(above).inserted, let isCore = try rows.present(parent)[place.scope],
                    !isCore || run.doubtfulCore.contains(above)
                else { continue }
                run.doubtful.insert(above)
                open.append(above)
            }
        }
    }

    private func putBackCore(_ touched: [ScopeFacts], _ run: inout Run) throws {
        let known = Set(touched.map(\.hash))
        var judged = touched
        for row in Set(run.doubtfulCore.map(\.row)).subtracting(known).sorted() {
            if let name = try rows.row(row) { judged.append(try facts(name)) }
        }
        judged.removeAll { !$0.isHeld }
        var open: [Place] = []
        func find(_ place: Place) throws {
            if try isSafeCore(place, run) { return }
            if run.core.insert(place).inserted { open.append(place) }
        }
        for (facts, scopes) in zip(judged, try scopes(of: judged)) {
            for scope in scopes.sorted() { try find(Place(scope: scope, row: facts.hash)) }
            for edge in try rows.edges(ofChild: facts.hash) where edge.isShown {
                for (scope, _) in try rows.present(edge.parent) where leadsIn(scope, edge) {
                    if try isSafeCore(Place(scope: scope, row: edge.parent), run) {
                        try find(Place(scope: scope, row: facts.hash))
                    }
                }
            }
            for edge in try rows.edges(ofParent: facts.hash) where edge.isMerge {
                for scope in try rows.present(edge.child).keys
                where try isSafeCore(Place(scope: scope, row: edge.child), run) {
                    try find(Place(scope: scope, row: facts.hash))
                }
            }
        }
        while let place = open.popLast() {
            for row in try ledIn(place) where try rows.isHeld(row) { try find(Place(scope: place.scope, row: row)) }
        }
    }

    private func isSafeCore(_ place: Place, _ run: Run) throws -> Bool {
        try !run.doubtfulCore.contains(place) && rows.present(place.row)[place.scope] == true
    }

    private func isSafe(_ place: Place, _ run: Run) throws -> Bool {
        try !run.doubtful.contains(place) && rows.present(place.row)[place.scope] != nil
    }

    private func putBack(_ touched: [ScopeFacts], _ run: inout Run) throws {
        run.found = run.core
        var open = Array(run.core)
        // Rows that something in the scope references: the doubtful ones, and those that came only now.
        var wanted = run.doubtful
        for facts in touched where facts.isHeld {
            for row in try needing(facts.hash) {
                for scope in try rows.present(row).keys { wanted.insert(Place(scope: scope, row: facts.hash)) }
            }
        }
        for place in wanted where !run.found.contains(place) {
            guard try !isSafe(place, run), try rows.isHeld(place.row) else { continue }
            let isWanted = try needing(place.row).contains { try isSafe(Place(scope: place.scope, row: $0), run) }
            if isWanted {
                run.found.insert(place)
                open.append(place)
            }
        }
        while let place = open.popLast() {
            for row in try needed(by: place.row) {
                let above = Place(scope: place.scope, row: row)
                guard try !isSafe(above, run), try rows.isHeld(row), run.found.insert(above).inserted
                else { continue }
                open.append(above)
            }
        }
    }

    private func write(_ run: Run, at now: UInt64) throws {
        let order = run.doubtful.union(run.found).sorted { ($0.scope, $0.row) < ($1.scope, $1.row) }
        for place in order {
            let before = try rows.present(place.row)[place.scope]
            guard run.found.contains(place) else {
                if before != nil { try rows.leave(place.scope, place.row, at: now) }
                continue
            }
            let isCore = run.core.contains(place)
            if let before {
                if before != isCore { try rows.setCore(place.scope, place.row, isCore) }
            } else {
                try rows.enter(place.scope, place.row, core: isCore, at: now)
            }
        }
    }
}
