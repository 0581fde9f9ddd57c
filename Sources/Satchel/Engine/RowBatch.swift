internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// The rows that one transaction works on: read once, changed in memory, settled and written at the end.
final class RowBatch {
    let store: Store
    let references: References
    /// Whose own changesets are told from what comes in (INB-11); nil: nothing is.
    let origin: OriginID?
    /// Nil but in the tests of the tests (TST-8).
    let planted: PlantedBug?
    private(set) var rows: [WorkingRow] = []
    private(set) var index: [RowName: Int] = [:]
    /// Rows that are known to stand for whoever refers to them.
    var knownParents: Set<RowName> = []
    /// Whether anything outside the tables may wait for a row or want its place; asked once.
    private var unseen: Bool?
    private var claims: Bool?
    /// Whether the hub keeps anything here from outside the scopes; asked once.
    private var keptOutside: Bool?
    /// Whether a hub has dropped anything; asked once.
    var archive: Bool?
    /// Whether any merge stands; asked once.
    var merges: Bool?
    /// The rows that merges connect each of these with; nil: none does.
    var memberships: [RowName: Membership?] = [:]
    /// The rows under work whose merges name these.
    var newlyInto: [RowName: [RowKey]] = [:]
    /// Whether rows may change in these units alone without the others; nil inside: they may not.
    var quiet: [UnitsOfTable: QuietUnits?] = [:]
    /// The conflicts of rows that went past, not yet listed.
    var moved: [Store.ConflictMove] = []
    /// What was last found to become of the rows.
    var fates: [Referring.Fate] = []
    /// Which of them would be shown if none clashed.
    var wanted: [Bool] = []
    /// The unique places that several rows under work want, with those rows, the oldest first.
    var contests: [(place: Store.UniquePlace, rows: [Int])] = []

    typealias RowName = HeldRowName

    init(store: Store, origin: OriginID? = nil, planted: PlantedBug? = nil) {
        self.store = store
        self.origin = origin
        self.planted = planted
        references = References(store.layouts)
    }

    /// The row, read at the first asking.
    func row(_ table: Int64, _ key: RowKey) throws -> WorkingRow {
        if let known = working(table, key) { return known }
        return add(try store.load(table: table, key: key))
    }

    /// The row if it is already under work.
    func working(_ table: Int64, _ key: RowKey) -> WorkingRow? {
        index[RowName(table: table, key: key)].map { rows[$0] }
    }

    @discardableResult
    func add(_ held: HeldRow) -> WorkingRow {
        let row = WorkingRow(held)
        index[RowName(table: held.table, key: held.key)] = rows.count
        rows.append(row)
        return row
    }

    /// Applies to a row what one changeset does to it (MRG-8).
    func apply(_ change: RowChange, to row: WorkingRow, as dot: DotID) {
        var change = change
        planted?.spoil(&change, before: &row.state)
        row.state.apply(change, as: dot)
        row.verdict = nil
    }

    /// Brings every row under work whose fate is neither plainly dead nor plainly shown, to judge it again.
    func recallUnseen() throws {
        for fate in [Fate.orphaned, .refused, .incomplete, .unknown, .fallen] {
            for grave in try store.graves(fate) { _ = try row(grave.table, grave.key) }
        }
        for place in try store.allUnseen() { _ = try row(place.table, place.key) }
        for row in rows { row.isRecalled = true }
    }

    // MARK: Rows past this batch

    func hasUnseen() throws -> Bool {
        if let unseen { return unseen }
        unseen = try store.hasUnseen()
        return unseen ?? true
    }

    func hasClaims() throws -> Bool {
        if let claims { return claims }
        claims = try store.hasClaims()
        return claims ?? true
    }

    /// SCO-14.
    func isKeptOutside(_ row: WorkingRow) throws -> Bool {
        let any = try keptOutside ?? store.hasKeptOutside()
        keptOutside = any
        return try any && store.isKeptOutside(row.held.hash)
    }

    // MARK: Settling

    /// Judges every row with whatever else is affected, and writes what changed.
    ///
    /// What is outside the rows under work keeps its fate: `reach` brings in all whose fate may change and all that
    /// those depend on, so that the result is the one for the whole database (MRG-20, MRG-22).
    func settle() throws {
        if rows.isEmpty { return }
        merges = nil
        try recallArchived()
        var outcome = try reach()
        while try !write(outcome) { outcome = try reach() }
        try noteNaming()
        rows = []
        index = [:]
        knownParents = []
        (unseen, claims, keptOutside, archive) = (nil, nil, nil, nil)
        (fates, wanted, contests) = ([], [], [])
        (merges, memberships, newlyInto) = (nil, [:], [:])
    }

    func judge(_ row: WorkingRow) throws -> Verdict {
        if let verdict = row.verdict { return verdict }
        var verdict = try unitedVerdict(row) ?? store.judge(row.state, of: row.held.key, table: row.held.table)
        if row.isUnsealed { (verdict.alive, verdict.complete) = (true, true) }
        planted?.spoil(&verdict, on: row.state)
        row.verdict = verdict
        row.forgetFacts()
        return verdict
    }

    /// The row's values as they stand.
    func written(_ row: WorkingRow, _ layout: TableLayout) throws -> [Value] {
        if let written = row.written, row.verdict != nil { return written }
        let written = try row.asEntered ?? values(of: judge(row), row, layout)
        row.written = written
        return written
    }

    /// The row as its table would show it if all that it refers to were there: references to merged rows are to their
    /// survivors (MRG-53). By these values its table and its unique places are asked about (MRG-22, MRG-45).
    func values(_ row: WorkingRow, _ layout: TableLayout) throws -> [Value] {
        if let values = row.values, row.verdict != nil { return values }
        var values = try written(row, layout)
        if try hasMerges() {
            for parent in try parents(row, layout) where parent.isMoved {
                for (column, value) in zip(parent.reference.columns, parent.name.key.values) { values[column] = value }
            }
        }
        row.values = values
        return values
    }

    /// As the types of its columns make them (VER-12).
    func values(of verdict: Verdict, _ row: WorkingRow, _ layout: TableLayout) throws -> [Value] {
        try store.asHeld(layout.row(row.held.key, as: verdict), layout)
    }

    func name(_ layout: TableLayout, _ key: RowKey) -> RowName { RowName(table: layout.id, key: key) }

    func hash(_ name: RowName) -> Int64 { store.rowHash(name.table, name.key) }
}

/// One row under work.
final class WorkingRow {
    /// As it was read.
    let held: HeldRow
    /// What it comes to; whoever changes it takes the verdict away.
    var state: RowState
    /// What a person wrote into the table before it was sealed: the place is the table's, the clock is old.
    var isDirty = false
    /// If it is dirty, its values at the last seal; nil: it was not there.
    var formerly: [Value]?
    var verdict: Verdict?
    /// To be written with all that is derived of it, though nothing of it has changed.
    var isRecalled = false

    // What follows from the state, remembered while the batch settles.
    var written: [Value]?
    var values: [Value]?
    var parents: [Parent]?
    /// Why its table refuses it, whatever else is in it.
    var refusal: String?
    var probe: Store.Probe?
    var canShowNull: Bool?
    var rank: DotOrder??
    var formerVerdict: Verdict?

    /// Where it lies now.
    var place: HeldRow.Place
    var isWritten = false
    var hasWrittenUnseen = false
    /// Indices of the batch's contests that it takes part in.
    var contests: [Int] = []
    /// Taken out of its table for a moment, its clock left.
    var isLifted = false

    // What was brought under work for its sake.
    var isFollowed = false
    var hasKept = false
    var hasChildren = false
    var hasWaiting = false
    var hasCompanions = false
    var hasArchived = false
    var hasRivals = false
    var hasClaimants = false
    var hasBeside = false
    /// Who wants its places is asked for, however it goes on.
    var hangsOnPlaces = false

    init(_ held: HeldRow) {
        self.held = held
        state = held.state
        place = held.place
    }

    /// As it was read, with the state that it has come to.
    var now: HeldRow { HeldRow(table: held.table, key: held.key, hash: held.hash, state: state, place: held.place) }

    func forgetFacts() {
        (written, values, parents, refusal, probe, canShowNull, rank) = (nil, nil, nil, nil, nil, nil, nil)
    }

    /// A row that it refers to by its shown values.
    struct Parent {
        let reference: References.Reference
        let name: RowBatch.RowName
        /// As its values say: another row if that was merged into the one it refers to (MRG-53).
        let written: RowBatch.RowName

        var isMoved: Bool { name != written }
    }

    /// Its values in its table before this batch; nil: it was not there.
    var before: [Value]? {
        if isDirty { return formerly }
        if case .table(let values) = held.place { return values }
        return nil
    }
}
