import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What rivals started from, where a third joins two of whom it is known (INB-2).
@Suite final class BasesTests: TwoTablets {
    private let key = RowKey([.text("c1")])

    init() throws {
        try super.init(
            schema: "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT);",
            entering: "INSERT INTO client VALUES ('c1', 'Hengda', '100')")
    }

    private func bases(_ replica: Replica) throws -> [[Value]?] { try replica.conflicts().map(\.base) }

    private func candidates(_ replica: Replica) throws -> [Int] { try replica.conflicts().map(\.candidates.count) }

    /// By a stick, before the hub has heard of it.
    @Test func whatTwoStartedFromIsNotThatOfAThird_INB2() throws {
        let c = try Replica.create(at: folder + "/c.db", enrolment: hub.enrol(name: "tablet-3"), clock: clock)
        try exchange(c)
        try run(a, "UPDATE client SET phone = '150'")
        try sync()
        try run(a, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let ofTwo: [[Value]?] = [[.text("150")]]
        #expect(try bases(a) == ofTwo && bases(b) == ofTwo)
        try run(c, "UPDATE client SET phone = '333'")
        try b.have(to: folder + "/have")
        try c.pack(for: folder + "/have", to: folder + "/side")
        try b.apply(folder + "/side")
        #expect(try candidates(b) == [3])
        #expect(try bases(b) == [nil], "nobody here can say what all three started from")
        try exchange(c)
        try sync()
        let ofAll: [[Value]?] = [[.text("100")]]
        for seen in [a, b, c, hub.replica] {
            #expect(try candidates(seen) == [3] && bases(seen) == ofAll, "\(seen.name)")
        }
    }

    /// By a form that was open all the time, or was opened when both had yet to come.
    @Test(arguments: ["100", "150"]) func aFormThatJoinsTwoHasItsOwnBase_INB2_INB10(opened: String) throws {
        var view = try #require(try a.view(table: "client", key: key))
        try run(hub.replica, "UPDATE client SET phone = '150'")
        try sync()
        if opened == "150" { view = try #require(try a.view(table: "client", key: key)) }
        #expect(view["phone"] == .text(opened))
        try run(hub.replica, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let ofTwo: [[Value]?] = [[.text("150")]]
        #expect(try bases(a) == ofTwo)
        _ = try a.edit(basedOn: view) { $0["phone"] = .text("333") }
        #expect(try candidates(a) == [3])
        #expect(try bases(a) == (opened == "150" ? ofTwo : [nil]))
        try sync()
        let ofAll: [[Value]?] = [[.text(opened)]]
        for seen in [a, b, hub.replica] {
            #expect(try candidates(seen) == [3] && bases(seen) == ofAll, "\(seen.name)")
        }
    }

    /// Who corrects their own rival once more takes nothing away, also while the hub does not know of it.
    @Test func whatReplacesARivalHasItsBase_INB2() throws {
        try run(a, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let base: [[Value]?] = [[.text("100")]]
        #expect(try bases(b) == base)
        let view = try #require(try b.view(table: "client", key: key))
        let shown = try #require(view["phone"])
        let other: Value = shown == .text("111") ? .text("222") : .text("111")
        try run(b, "UPDATE client SET phone = '333'")
        try b.seal()
        #expect(try b.conflicts().map { $0.candidates.map(\.values) } == [[[other], [.text("333")]]])
        // The shown one was another's, whose changeset is not here, or its own.
        #expect(try bases(b) == base)
        // A reply from before the hub has it.
        try run(hub.replica, "UPDATE client SET name = 'Hengda Ltd'")
        try hub.pack(for: "tablet-2", to: folder + "/down")
        try b.apply(folder + "/down")
        #expect(try bases(b) == base)
        try sync()
        for seen in [a, b, hub.replica] { #expect(try bases(seen) == base, "\(seen.name)") }
    }
}
