import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Who keeps a row need not hold all that fell with it (MRG-61).
@Suite struct ScopeKeptTests {
    private let a = RowKey([.text("a")])
    private let b = RowKey([.text("b")])
    private let v1 = RowKey([.text("v1")])

    /// Wang is served all, Li her own visits.
    private func scopes() throws -> ScopeWorld {
        let world = try ScopeWorld()
        try world.hub.setScope("wang", rules: ["client ALL", "visit ALL"])
        try world.hub.setScope("li", rules: ["visit WHERE note = 'li'"])
        return world
    }

    /// Wang holds the client with both visits, Li her own visit and with it the client.
    private func world(planned: Bool = false) throws -> ScopeWorld {
        let world = try scopes()
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner, phone) VALUES ('a', 'a', 'wang', '1')",
            "INSERT INTO plan VALUES ('p', '')",
            "INSERT INTO visit VALUES ('v1', 'a', \(planned ? "'p'" : "NULL"), 'wang'), ('v2', 'a', NULL, 'li')")
        try world.sync()
        #expect(try world.ids("li") == ["a"] && world.ids("li", "visit") == ["v2"])
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM plan", "DELETE FROM client")
        return world
    }

    /// The same, after Li has taken the deletion back: v1 is shown by a note alone, which is hers.
    private func noted(planned: Bool = false) throws -> ScopeWorld {
        let world = try world(planned: planned)
        try world.sync()
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        return world
    }

    /// Client a, with visits of both, was merged into b.
    private func merged() throws -> ScopeWorld {
        let world = try scopes()
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner) VALUES ('a', 'a', 'wang'), ('b', 'b', 'wang')",
            "INSERT INTO visit VALUES ('v1', 'a', NULL, 'wang'), ('v2', 'a', NULL, 'li'), ('v3', 'b', NULL, 'li')")
        try world.sync()
        try world["wang"].merge(a, into: b, in: "client")
        try world.sync()
        return world
    }

    private func expect(
        _ world: ScopeWorld, _ visits: [String], _ kinds: [ConflictKind], visible: [String] = ["v2"],
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        for (name, replica) in [("hub", world.hub.replica), ("wang", world["wang"])] {
            #expect(try replica.conflicts().map(\.kind) == kinds, sourceLocation: place)
            let shown = try world.ids(name, "visit")
            #expect(shown == visits, "\(name)", sourceLocation: place)
        }
        #expect(try world.ids("li", "visit") == visits.filter(visible.contains), sourceLocation: place)
        try world.expectAgreement(place)
        #expect(try world.hub.verify().faults.isEmpty, sourceLocation: place)
        for replica in world.devices.values { #expect(try replica.doctor().faults.isEmpty, sourceLocation: place) }
    }

    @Test func whoKeepsAClientKeepsTheVisitsThatOthersHold_MRG11_MRG42_MRG61() throws {
        let world = try world()
        try world.sql("li", "UPDATE client SET phone = '9'")
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        let id = try #require(try world["li"].conflicts().first?.id)
        try world["li"].resolve(id, keep: 1)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        // Taken back, it is as it was; answered once more by who holds all, too.
        try world["li"].undoDecision(id)
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        try world["wang"].resolve(id, keep: 1)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
    }

    @Test func whoUndoesADeletionBringsBackTheVisitsThatOthersHold_MRG46_MRG61() throws {
        let world = try world()
        try world.sync()
        try expect(world, [], [])
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        // A visit that is deleted by itself stays so, also when the client is deleted and comes back once more.
        try world.sql("wang", "DELETE FROM visit WHERE id = 'v1'")
        try world.sync()
        try expect(world, ["v2"], [])
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v2"], [])
    }

    /// The client is deleted twice, the second time by who holds one visit only, and comes back twice.
    @Test func whatFellTwiceComesBackTwice_MRG42_MRG61() throws {
        let world = try noted()
        try world.sql("li", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        try expect(world, [], [])
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
    }

    @Test func whoEntersAClientAgainWantsNothingOfWhatFell_MRG10_MRG61() throws {
        let world = try noted()
        try world.sql("wang", "DELETE FROM visit WHERE id = 'v2'")
        try world.sync()
        try world.sql("li", "DELETE FROM client")
        try world.sync()
        try expect(world, [], [])
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('a', 'new', 'wang')")
        try world.sync()
        try expect(world, [], [])
    }

    /// Who merges the client away while it is in question, takes its deletion away too.
    @Test func whoMergesAClientTakesTheVisitsAlongThatOthersHold_MRG50_MRG61() throws {
        let world = try world()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('b', 'b', 'wang')")
        try world.sql("hub", "INSERT INTO visit VALUES ('v3', 'b', NULL, 'li')")
        try world.sql("li", "UPDATE client SET phone = '9' WHERE id = 'a'")
        try world.sync()
        #expect(try world["li"].conflicts().map(\.kind) == [.deleted])
        try world["li"].merge(a, into: b, in: "client")
        try world.sync()
        #expect(try world.ids("wang") == ["b"] && world.ids("wang", "visit") == ["v1", "v2", "v3"])
        try world["li"].unmerge(a, in: "client")
        try world.sync()
        #expect(try world.ids("wang") == ["a", "b"] && world.ids("wang", "visit") == ["v1", "v2", "v3"])
        try world.expectAgreement()
        for name in ["hub", "wang"] {
            let visits = try (name == "hub" ? world.hub.replica : world[name]).read {
                try String.fetchAll($0, sql: "SELECT id || client FROM visit ORDER BY id")
            }
            #expect(visits == ["v1a", "v2a", "v3b"], "\(name)")
        }
    }

    /// Her deletion takes the place of the first, and covers nothing of what she does not hold.
    @Test(arguments: [true, false])
    func whoDeletesAgainNotesWhatFellFirst_MRG12_MRG61(byAnswer: Bool) throws {
        let world = try world()
        try world.sql("li", "UPDATE client SET phone = '9'")
        try world.sync()
        if byAnswer {
            let id = try #require(try world["li"].conflicts().first?.id)
            try world["li"].resolve(id, keep: 2)
        } else {
            try world.sql("li", "DELETE FROM visit", "DELETE FROM client")
        }
        try world.sync()
        try expect(world, [], [])
        try world["wang"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
    }

    /// What the survivor had brought back names the merged client, which is one of its own again.
    @Test func whoTakesAClientOutOfAMergeTakesItsVisitsAlong_MRG56_MRG61() throws {
        let world = try merged()
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        try world["li"].undo(table: "client", key: b)
        try world.sync()
        try expect(world, ["v1", "v2", "v3"], [], visible: ["v2", "v3"])
        try world["wang"].unmerge(a, in: "client")
        try world.sync()
        try expect(world, ["v1", "v2", "v3"], [], visible: ["v2", "v3"])
    }

    /// The hub dropped all of it; what she kept names the client and her own visit.
    @Test func whatTheHubDroppedComesBackWithWhatIsKept_EXC26_MRG61() throws {
        let world = try world()
        try world.sync()
        try world.sync()
        try world["li"].undo(table: "client", key: a)
        #expect(try world.hub.cleanUp(keepDays: 0).dropped == 3)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        #expect(try world.hub.cleanUp(keepDays: 0).archived == 0)
    }

    /// The hub dropped all of it; who was away for long had been there once more.
    @Test func whatTheHubDroppedComesBackWithALateVisit_EXC26_MRG42() throws {
        let world = try world()
        try world.sql("li", "INSERT INTO visit VALUES ('v4', 'a', NULL, 'li')")
        try world.sync("wang")
        try world.hub.retire("li")
        try world.sync("wang")
        #expect(try world.hub.cleanUp(keepDays: 0).dropped == 3)
        try world.sync()
        try expect(world, ["v1", "v2", "v4"], [.inUse], visible: ["v2", "v4"])
    }

    /// A decision by who holds all is taken back and answered otherwise: what a note had brought back goes with the client.
    @Test func whatANoteBroughtBackIsKeptAndDeletedWithTheClient_INB8_MRG46_MRG61() throws {
        let world = try world()
        try world.sql("li", "UPDATE client SET phone = '9'")
        try world.sync()
        let id = try #require(try world["li"].conflicts().first?.id)
        try world["li"].resolve(id, keep: 1)
        try world.sync()
        try world.sql("li", "DELETE FROM visit", "DELETE FROM client")
        try world.sql("wang", "UPDATE client SET phone = '7'")
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        try world["wang"].resolve(id, keep: 1)
        try world.sync()
        try world["wang"].undoDecision(id)
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        try world["wang"].resolve(id, keep: 2)
        try world.sync()
        try expect(world, [], [])
    }

    /// A visit that came back by a note alone is corrected: of its deletion nobody is asked, neither of the next correction.
    @Test(arguments: [false, true]) func whoCorrectsWhatANoteBroughtBackIsNotAsked_MRG62(byForm: Bool) throws {
        let world = try noted()
        for note in ["first", "second"] {
            if byForm {
                let open = try #require(try world["wang"].view(table: "visit", key: v1))
                #expect(try world["wang"].edit(basedOn: open) { $0["note"] = .text(note) } == .written)
            } else {
                try world.sql("wang", "UPDATE visit SET note = '\(note)' WHERE id = 'v1'")
            }
            try world.sync()
            try expect(world, ["v1", "v2"], [])
        }
        // It is one of its own now: deleted with the client, and kept with it.
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        try expect(world, [], [])
        try world["wang"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        #expect(try world.value("wang", "SELECT note FROM visit WHERE id = 'v1'") == "second")
    }

    /// As long as the client is in question, so is what is written to a visit that fell with it.
    @Test func whoCorrectsWhatIsInQuestionIsAsked_MRG17_MRG62() throws {
        let world = try world()
        try world.sql("li", "UPDATE client SET phone = '9'")
        try world.sync()
        try world.sql("wang", "UPDATE visit SET note = 'more' WHERE id = 'v1'")
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted, .deleted])
    }

    @Test func whoDeletesWhatANoteBroughtBackInAFormDeletesIt_INB10_MRG62() throws {
        let world = try noted()
        let open = try #require(try world["wang"].view(table: "visit", key: v1))
        #expect(try world["wang"].edit(basedOn: open) { $0.delete() } == .written)
        try world.sync()
        try expect(world, ["v2"], [])
        try world["wang"].undo(table: "visit", key: v1)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
    }

    /// It refers to a plan too, which fell with it, and for which nobody has decided.
    @Test func whoCorrectsWhatANoteBroughtBackIsNotAskedForTheSakeOfAnother_MRG17_MRG62() throws {
        let world = try noted(planned: true)
        #expect(try world["wang"].conflicts().map { "\($0.table) \($0.kind)" } == ["plan inUse"])
        try world.sql("wang", "UPDATE visit SET note = 'more' WHERE id = 'v1'")
        try world.sync()
        #expect(try world["wang"].conflicts().map { "\($0.table) \($0.kind)" } == ["plan inUse"])
        try expect(world, ["v1", "v2"], [.inUse])
    }

    /// A visit is merged into one that is shown by a note alone, with what was written there or without.
    @Test(arguments: [false, true]) func whoMergesIntoWhatANoteBroughtBackKeepsIt_MRG50_MRG62(taking: Bool) throws {
        let world = try noted()
        try world.sql("hub", "INSERT INTO visit VALUES ('v3', 'a', NULL, 'again')")
        try world.sync()
        try world["wang"].merge(RowKey([.text("v3")]), into: v1, in: "visit", taking: taking ? ["note"] : [])
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        #expect(try world.value("hub", "SELECT note FROM visit WHERE id = 'v1'") == (taking ? "again" : "wang"))
    }

    /// By what one of two clients that were merged into one another is taken out.
    enum TakenOut: CaseIterable { case unmerged, entered, enteredAndWritten }

    /// Of two clients merged into one another, the one that is left carries what was noted on its merge (MRG-56).
    @Test(arguments: TakenOut.allCases)
    func whoTakesACycleApartKeepsWhatWasNotedOnAMerge_MRG10_MRG56_MRG61(by way: TakenOut) throws {
        let world = try world()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('b', 'b', 'wang')")
        try world.sql("hub", "INSERT INTO visit VALUES ('v3', 'b', NULL, 'li')")
        try world.sql("li", "UPDATE client SET phone = '9' WHERE id = 'a'")
        try world.sync()
        try world["li"].merge(a, into: b, in: "client")
        try world["wang"].merge(b, into: a, in: "client")
        try world.sync()
        // The older is left, and it is the one whose merge carries the note.
        #expect(try world.ids("wang") == ["a"] && world.ids("wang", "visit") == ["v1", "v2", "v3"])
        let entry = "INSERT INTO client(id, name, owner) VALUES ('b', 'b', 'wang')"
        switch way {
        case .unmerged: try world["li"].unmerge(b, in: "client")
        case .entered: try world.sql("li", entry)
        case .enteredAndWritten: try world.sql("li", "\(entry); UPDATE client SET phone = '7' WHERE id = 'a'")
        }
        try world.sync()
        #expect(try world.ids("wang") == ["a", "b"] && world.ids("wang", "visit") == ["v1", "v2", "v3"])
        #expect(try world["wang"].conflicts().isEmpty)
        try world.expectAgreement()
    }

    /// The client into which one was merged is merged on by who holds a part.
    @Test(arguments: ["li", "wang"])
    func whoTakesAClientOutOfAMergeOfMergesTakesItsVisitsAlong_MRG56_MRG61(by person: String) throws {
        let world = try merged()
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner) VALUES ('d', 'd', 'wang')",
            "INSERT INTO visit VALUES ('v4', 'd', NULL, 'li')")
        try world.sync()
        let d = RowKey([.text("d")])
        try world.sql("wang", "DELETE FROM visit WHERE id <> 'v4'", "DELETE FROM client WHERE id = 'b'")
        try world.sync()
        try world["li"].undo(table: "client", key: b)
        try world.sync()
        try world["li"].merge(b, into: d, in: "client")
        try world.sync()
        try expect(world, ["v1", "v2", "v3", "v4"], [], visible: ["v2", "v3", "v4"])
        try world[person].unmerge(a, in: "client")
        try world.sync()
        try expect(world, ["v1", "v2", "v3", "v4"], [], visible: ["v2", "v3", "v4"])
    }

    /// A client is taken out of a merge while the one that is left is deleted with the visits of both.
    @Test(arguments: ["li", "wang"])
    func whoKeepsWhatWasTakenOutMeanwhileKeepsItsVisits_MRG42_MRG51_MRG61(by person: String) throws {
        let world = try merged()
        try world["li"].unmerge(a, in: "client")
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM client WHERE id = 'b'")
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        let id = try #require(try world[person].conflicts().first?.id)
        try world[person].resolve(id, keep: 1)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        #expect(try world.ids("hub") == ["a"])
    }

    /// Who is served clients alone shows what all show: a client that was deleted, since a visit names one merged into it.
    @Test func whatIsNamedByWayOfAMergeFromOutsideIsKept_SCO14_MRG53() throws {
        let world = try ScopeWorld()
        try world.hub.setScope("wang", rules: ["client ALL"])
        try world.hub.setScope("li", rules: ["visit ALL"])
        try world.sql("hub", "INSERT INTO client(id, name) VALUES ('a', 'a'), ('b', 'b')")
        try world.sql("hub", "INSERT INTO visit(id, client, note) VALUES ('v1', 'a', 'li')")
        try world.sync()
        try world["wang"].merge(a, into: b, in: "client")
        try world.sync()
        try world.sql("wang", "DELETE FROM client")
        try world.sync()
        for name in ["hub", "wang", "li"] { #expect(try world.ids(name) == ["b"], "\(name)") }
        #expect(try world["wang"].conflicts().map(\.kind) == [.inUse])
    }

    /// What was deleted together is asked about once, and shown for a row that is outside with what names it.
    @Test func whatFellTogetherIsKeptByWhatIsOutside_SCO14_MRG48() throws {
        let world = try ScopeWorld(
            schema: ScopeWorld.schema + """
                CREATE TABLE call(id TEXT PRIMARY KEY NOT NULL, visit TEXT REFERENCES visit(id));
                CREATE TABLE note(id TEXT PRIMARY KEY NOT NULL, call TEXT REFERENCES call(id));
                """)
        try world.hub.setScope("wang", rules: ["client ALL", "visit ALL"])
        try world.hub.setScope("li", rules: ["note ALL", "call ALL"])
        try world.sql("hub", "INSERT INTO client(id, name) VALUES ('a', 'a')")
        try world.sql("hub", "INSERT INTO visit(id, client) VALUES ('v1', 'a')", "INSERT INTO call VALUES ('c', 'v1')")
        try world.sync()
        try world.sql("li", "INSERT INTO note VALUES ('n', 'c')")
        try world.sql("hub", "DELETE FROM call")
        try world.sql("hub", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        for name in ["hub", "wang", "li"] {
            #expect(try world.ids(name) == ["a"] && world.ids(name, "visit") == ["v1"], "\(name)")
        }
        try world.expectAgreement()
    }
}
