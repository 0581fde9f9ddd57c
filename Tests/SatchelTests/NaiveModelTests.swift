import SatchelModel
import Testing

@testable import SatchelTesting

/// The judge judged: each rule by an example small enough to check by hand, in both directions.
@Suite struct NaiveModelTests {
    @Test func deletionAgainstUnseenEditKeepsTheRowAndAsks_MRG5_MRG6_MRG17() {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let deleted = world.delete("p", by: 1, seeing: [made])
        let edited = world.edit("p", "name", to: "new", replacing: [made], by: 2, seeing: [made])
        let conflicts = world.model.conflicts()
        #expect(world.shown("p")?[1] == .text("new"))
        #expect(world.shown("p")?[2] == .null, "the unit that only the deletion had seen is shown again")
        #expect(conflicts.map(\.kind) == ["deleted"])
        #expect(world.model.restricted(to: [made, deleted]).view().shown.isEmpty)
        #expect(world.model.restricted(to: [made, edited]).conflicts().isEmpty)
    }

    @Test func deletionThatHadSeenTheEditDeletes_MRG6() {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let edited = world.edit("p", "name", to: "new", replacing: [made], by: 2, seeing: [made])
        world.delete("p", by: 1, seeing: [made, edited])
        #expect(world.shown("p") == nil)
        #expect(world.model.conflicts().isEmpty)
    }

    @Test func lateCauseDoesNotRise_MRG8() {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let first = world.edit("p", "name", to: "1", replacing: [made], by: 1, seeing: [made])
        let second = world.edit("p", "name", to: "2", replacing: [first], by: 2, seeing: [made, first])
        let backwards = NaiveModel(
            schema: RandomScriptSchema.schema, changes: [second, first, made].map { world.changes[$0]! })
        #expect(backwards.digest() == world.model.digest())
        #expect(world.shown("p")?[1] == .text("2"))
    }

    @Test(arguments: [(10, 20, "b"), (20, 10, "a"), (10, 10, "b")])
    func latestThenGreatestOriginIsShown_MRG14(a: Int64, b: Int64, winner: String) {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        world.edit("p", "name", to: "a", replacing: [made], by: 1, seeing: [made], at: a)
        world.edit("p", "name", to: "b", replacing: [made], by: 2, seeing: [made], at: b)
        #expect(world.shown("p")?[1] == .text(winner))
        #expect(world.model.conflicts().map(\.candidates) == [[[.text("a")], [.text("b")]]])
    }

    @Test func equalEditsAreOneValue_MRG14_MRG16() {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let a = world.edit("p", "name", to: "same", replacing: [made], by: 1, seeing: [made])
        let b = world.edit("p", "name", to: "same", replacing: [made], by: 2, seeing: [made])
        #expect(world.model.conflicts().isEmpty)
        #expect(world.model.shown(world.model.row(world.parent("p")), "name")?.dots == [a, b])
        world.edit("p", "name", to: "next", replacing: [a], by: 1, seeing: [made, a, b])
        #expect(!world.model.replacementComplaints().isEmpty, "a write that replaces one dot of two must be caught")
    }

    @Test func twoInsertsOfOneKeyAreOneRowInConflict_MRG23() {
        var world = NaiveWorld()
        world.insertParent("p", name: "x", by: 1)
        world.insertParent("p", name: "y", by: 2)
        #expect(world.model.view().shown.count == 1)
        #expect(world.model.conflicts().map(\.unit) == ["name"])
    }

    @Test func deadParentIsShownWhileALiveChildNeedsIt_MRG20() {
        var world = NaiveWorld()
        let top = world.insertParent("top", by: 1)
        let made = world.insertParent("p", above: "top", by: 1, seeing: [top])
        let child = world.insertChild("c", of: "p", by: 2, seeing: [top, made])
        world.delete("p", by: 1, seeing: [top, made])
        world.delete("top", by: 3, seeing: [top])
        #expect(Set(world.model.view().shown.keys.map(\.key.display)) == ["c", "p", "top"])
        #expect(world.model.conflicts().map(\.kind) == ["inUse", "inUse"])
        let gone = world.delete("c", by: 2, seeing: [top, made, child], table: "child")
        #expect(world.model.view().shown.isEmpty, "nothing but the child kept them (\(gone))")
    }

    @Test func childWithoutItsParentIsHeldAsideTransitively_MRG20() {
        var world = NaiveWorld()
        world.insertParent("p", above: "nowhere", by: 1)
        world.insertChild("c", of: "p", by: 1)
        #expect(world.model.view().shown.isEmpty)
        #expect(world.model.view().aside.count == 2)
        world.insertParent("nowhere", by: 2)
        #expect(world.model.view().shown.count == 3)
    }

    @Test func deadRowsThatNameEachOtherStayDead_MRG20() {
        var world = NaiveWorld()
        let a = world.insertParent("a", above: "b", by: 1)
        let b = world.insertParent("b", above: "a", by: 1, seeing: [a])
        #expect(world.model.view().shown.count == 2)
        world.delete("a", by: 1, seeing: [a, b])
        #expect(world.model.view().shown.count == 2, "b is alive and needs a")
        world.delete("b", by: 1, seeing: [a, b])
        #expect(world.model.view().shown.isEmpty)
    }

    @Test func replacingWhatWasNotSeenIsCaught_MRG4() {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        world.edit("p", "name", to: "x", replacing: [made], by: 2, seeing: [])
        #expect(!world.model.causalityComplaints().isEmpty)
    }

    @Test func insertOverADeadRowReplacesIt_MRG10() {
        var world = NaiveWorld()
        let made = world.insertParent("p", name: "old", by: 1)
        let dead = world.delete("p", by: 1, seeing: [made])
        world.insertParent("p", name: "new", by: 2, seeing: [made, dead], replacing: [made], deletions: [dead])
        #expect(world.model.replacementComplaints().isEmpty)
        #expect(world.model.conflicts().isEmpty)
        world.insertParent("p", name: "rival", by: 3, seeing: [made, dead])
        #expect(!world.model.replacementComplaints().isEmpty, "it held the dead row and must replace it")
    }

    @Test(arguments: [true, false])
    func keepSettlesTheUnitsThatTheDeletionHadHalfSeen_MRG11(settles: Bool) {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let seen = world.edit("p", "name", to: "seen", replacing: [made], by: 1, seeing: [made])
        let unseen = world.edit("p", "name", to: "unseen", replacing: [made], by: 2, seeing: [made])
        let dead = world.delete("p", by: 1, seeing: [made, seen])
        #expect(world.shown("p")?[1] == .text("unseen"))
        var keep = NaiveRowChange(writes: ["": .init(values: [], replaced: [])], deletionsReplaced: [dead])
        keep.writes["satchel:fell"] = .init(values: [.blob(dead.bytes)], replaced: [])
        if settles { keep.writes["name"] = .init(values: [.text("unseen")], replaced: [seen, unseen]) }
        let answer = world.make(world.parent("p"), keep, by: 3, seeing: [made, seen, unseen, dead])
        #expect(world.model.conflicts().isEmpty == settles, "what the deletion had seen rises as a rival")
        #expect(world.model.replacementComplaints(answers: [answer]).isEmpty == settles)
        keep.writes[""] = .init(values: [], replaced: [made])
        let younger = world.make(world.parent("p"), keep, by: 4, seeing: [made, seen, unseen, dead])
        #expect(!world.model.replacementComplaints(answers: [answer, younger]).isEmpty, "it is as old as it was")
    }

    @Test func deletionMustCoverHiddenCandidatesToo_MRG12() {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let a = world.edit("p", "name", to: "a", replacing: [made], by: 1, seeing: [made])
        let b = world.edit("p", "name", to: "b", replacing: [made], by: 2, seeing: [made])
        let whole = world.model.row(world.parent("p")).held
        let shownOnly = NaiveRowChange(cover: whole.subtracting([NaiveCovered(unit: "name", dot: a)]))
        world.make(world.parent("p"), shownOnly, by: 3, seeing: [made, a, b])
        #expect(world.shown("p") != nil)
        #expect(!world.model.replacementComplaints().isEmpty)
        world.delete("p", by: 4, seeing: [made, a, b])
        #expect(world.shown("p") == nil)
    }

    @Test(arguments: [true, false])
    func onlyAnAnswerReplacesWhatIsHidden_MRG9_MRG13(answer: Bool) {
        var world = NaiveWorld()
        let made = world.insertParent("p", by: 1)
        let a = world.edit("p", "name", to: "a", replacing: [made], by: 1, seeing: [made])
        let b = world.edit("p", "name", to: "b", replacing: [made], by: 2, seeing: [made], at: 1)
        let both = world.edit("p", "name", to: "c", replacing: [a, b], by: 1, seeing: [made, a, b])
        #expect(world.model.replacementComplaints(answers: answer ? [both] : []).isEmpty == answer)
        let ordinary = world.edit("p", "name", to: "d", replacing: [b], by: 3, seeing: [made, a, b])
        let without = world.model.restricted(to: [made, a, b, ordinary])
        #expect(without.replacementComplaints().isEmpty)
        #expect(without.conflicts().map(\.candidates) == [[[.text("a")], [.text("d")]]])
    }

    @Test func aLostValueIsCaught_MRG26() {
        var world = NaiveWorld()
        let made = world.insertParent("p", name: "old", by: 1)
        let value = NaiveCommitted(dot: made, row: world.parent("p"), unit: "name", values: [.text("old")])
        #expect(world.model.lossComplaints([value]).isEmpty)
        world.edit("p", "name", to: "x", replacing: [made], by: 2, seeing: [])
        #expect(!world.model.lossComplaints([value]).isEmpty, "replaced by somebody who had not seen it")
        #expect(!world.model.restricted(to: []).lossComplaints([value]).isEmpty)
    }

    @Test func digestOfTheExampleIsTheOneInTheBook_DIG2_DIG4() {
        let table = TableSchema(
            name: "t",
            columns: ["id", "n"].map { .init(name: $0, notNull: false, defaultSQL: nil) },
            key: [0], units: [.init(name: "n", columns: [1], policy: .review)], references: [], withoutRowid: false)
        let dot = NaiveWorld.dot(1, 1)
        let row = NaiveRowName(table: "t", key: RowKey([.text("a")]))
        let change = NaiveChange(
            dot: dot, time: Timestamp(milliseconds: 0), seen: [],
            rows: [
                row: NaiveRowChange(writes: [
                    "": .init(values: [], replaced: []), "n": .init(values: [.integer(1)], replaced: []),
                ])
            ])
        let model = NaiveModel(schema: Schema(tables: [table]), changes: [change])
        #expect(model.digest() == "61d06d5b4799f48594777b2feb1697df5c8a7be22621137c2986bc5a39d60a7e")
    }

    @Test func conflictIdsTellTablesKeysAndUnitsApart_MRG18() {
        let ids = [("t", "ab", "c"), ("ta", "b", "c"), ("t", "a", "bc"), ("t", "ab", "")].map { table, key, unit in
            NaiveConflict(
                kind: "values", row: NaiveRowName(table: table, key: RowKey([.text(key)])), unit: unit, candidates: []
            )
            .id
        }
        #expect(Set(ids).count == 4)
        #expect(ids.allSatisfy { $0.count == 10 })
    }
}

/// Changes made by hand, device by device.
private struct NaiveWorld {
    private(set) var changes: [Dot: NaiveChange] = [:]
    private var lines: [UInt64: UInt64] = [:]

    var model: NaiveModel { NaiveModel(schema: RandomScriptSchema.schema, changes: changes.values) }

    static func dot(_ device: UInt64, _ sequence: UInt64) -> Dot {
        Dot(origin: OriginID(high: device, low: 0), sequence: sequence, tag: device * 1000 + sequence)
    }

    func parent(_ key: String) -> NaiveRowName { NaiveRowName(table: "parent", key: RowKey([.text(key)])) }
    func shown(_ key: String) -> [Value]? { model.view().shown[parent(key)] }

    @discardableResult
    mutating func make(
        _ row: NaiveRowName, _ change: NaiveRowChange, by device: UInt64, seeing seen: Set<Dot>, at time: Int64 = 0
    ) -> Dot {
        lines[device, default: 0] += 1
        let dot = Self.dot(device, lines[device]!)
        changes[dot] = NaiveChange(
            dot: dot, time: Timestamp(milliseconds: time), seen: seen, rows: [row: change])
        return dot
    }

    @discardableResult
    mutating func insertParent(
        _ key: String, name: String = "n", above: String? = nil, by device: UInt64, seeing seen: Set<Dot> = [],
        replacing: Set<Dot> = [], deletions: Set<Dot> = []
    ) -> Dot {
        let values: [String: [Value]] = [
            "": [], "name": [.text(name)], "note": [.null], "above": [above.map { .text($0) } ?? .null],
        ]
        let writes = values.mapValues { NaiveRowChange.Write(values: $0, replaced: replacing) }
        return make(parent(key), NaiveRowChange(writes: writes, deletionsReplaced: deletions), by: device, seeing: seen)
    }

    @discardableResult
    mutating func insertChild(_ key: String, of parent: String, by device: UInt64, seeing seen: Set<Dot> = []) -> Dot {
        let values: [String: [Value]] = ["": [], "parent": [.text(parent)], "amount": [.null], "note": [.null]]
        let writes = values.mapValues { NaiveRowChange.Write(values: $0, replaced: []) }
        let row = NaiveRowName(table: "child", key: RowKey([.text(key)]))
        return make(row, NaiveRowChange(writes: writes), by: device, seeing: seen)
    }

    @discardableResult
    mutating func edit(
        _ key: String, _ unit: String, to value: String, replacing: Set<Dot>, by device: UInt64, seeing seen: Set<Dot>,
        at time: Int64 = 0
    ) -> Dot {
        make(
            parent(key), NaiveRowChange(writes: [unit: .init(values: [.text(value)], replaced: replacing)]),
            by: device, seeing: seen, at: time)
    }

    /// Covers what was held at that moment.
    @discardableResult
    mutating func delete(_ key: String, by device: UInt64, seeing seen: Set<Dot>, table: String = "parent") -> Dot {
        let row = NaiveRowName(table: table, key: RowKey([.text(key)]))
        let held = model.row(row, among: seen)
        let change = NaiveRowChange(deletionsReplaced: Set(held.deletions.keys), cover: held.held)
        return make(row, change, by: device, seeing: seen)
    }
}
