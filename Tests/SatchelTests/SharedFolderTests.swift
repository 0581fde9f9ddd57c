import Foundation
import SatchelHub
import SatchelModel
import Testing

@testable import Satchel
@testable import SatchelTesting

/// A shared folder or a stick, with tablets that are put back, copied and lost.
@Suite final class SharedFolderTests: SharedFolderWorld {
    @Test(arguments: [true, false], [true, false])
    func theOnlyCopyOfADaysWorkOnTheStickSurvivesTheTabletThatIsPutBack_EXC46_EXC47(
        writes: Bool, anchored: Bool
    ) throws {
        let (hub, all) = try start(["a", "b"], anchored: anchored)
        try enter(all[0], "old")
        try meet(hub, all)
        try ReplicaFiles.copy(from: all[0].path, to: folder + "/saved")
        try enter(all[0], "lost with the tablet")
        #expect(try all[0].sync(folder: stick).sent?.changesets == 1)
        let a = try putBack(all[0], to: folder + "/saved", anchored: anchored)
        if writes { try enter(a, "new") }
        let report = try a.sync(folder: stick)
        #expect(try (report.sent?.changesets ?? 0) > 0 && report.notes.isEmpty && ids(a).contains("lost"))
        try hub.sync(folder: stick)
        try meet(hub, [a, all[1]])
        #expect(try ids(hub.replica) == (writes ? "lost with the tablet new old" : "lost with the tablet old"))
        try expectEqual(hub, [a, all[1]])
    }

    @Test(arguments: [true, false]) func aTabletThatIsPutBackGetsTodayAgain_EXC46(anchored: Bool) throws {
        let (hub, all) = try start(["a", "b"], anchored: anchored)
        try enter(all[0], "old")
        try meet(hub, all)
        try ReplicaFiles.copy(from: all[0].path, to: folder + "/saved")
        try enter(all[0], "of a since")
        try enter(all[1], "of b since")
        try meet(hub, all)
        #expect(try ids(all[0]) == "of a since of b since old")
        let a = try putBack(all[0], to: folder + "/saved", anchored: anchored)
        #expect(try ids(a) == "old")
        try meet(hub, [a, all[1]], rounds: 5)
        #expect(try ids(a) == "of a since of b since old")
        try expectEqual(hub, [a, all[1]])
    }

    @Test(arguments: [true, false]) func aHubThatIsRebuiltGetsAllBackByTheFolder_EXC46(fromKey: Bool) throws {
        let (hub, _) = try start([])
        try hub.backUp(to: folder + "/backup")
        let all = try ["a", "b"].map { try tablet($0, hub) }
        try enter(all[0], "of a")
        try enter(all[1], "of b")
        try meet(hub, all)
        #expect(try ids(hub.replica) == "of a of b")
        let again: Hub
        if fromKey {
            try hub.exportKey(to: folder + "/key")
            try hub.close()
            try FileManager.default.removeItem(atPath: folder + "/hub")
            again = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        } else {
            again = try restoreHub(hub, from: "backup")
        }
        try meet(again, all, rounds: 5)
        #expect(try ids(again.replica) == "of a of b")
        try expectEqual(again, all)
    }

    @Test func whatWasSaidOnAStickThatIsLostIsSaidOnTheNext_EXC46() throws {
        let (hub, all) = try start(["a", "b"])
        try enter(all[0], "old")
        try meet(hub, all)
        try enter(all[1], "more")
        try all[1].sync(folder: stick)
        try hub.sync(folder: stick)
        #expect(try all[0].sync(folder: stick).sent != nil)
        try FileManager.default.removeItem(atPath: stick)
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        try meet(hub, all, rounds: 5)
        for device in try hub.devices() { #expect(try device.standing.position == hub.position(), "\(device.name)") }
    }

    @Test func whatATabletLeftStaysAndIsWrittenAnewWhereItIsNotWhole_EXC46() throws {
        let (hub, all) = try start(["a"])
        let (a, own) = (all[0], place("to-hub", "a.satchel"))
        try enter(a, "old")
        try meet(hub, all)
        let left = try bytes(own)
        #expect(try a.sync(folder: stick).sent == nil && bytes(own) == left)
        try write(left.prefix(left.count - 9), to: own)
        #expect(try a.sync(folder: stick).sent?.changesets == 0)
        #expect(try bytes(own).count == left.count && files("to-hub") == ["a.satchel"])
        // By turns with another stick: each has a bundle of its own, and what lies on either is known.
        let (first, second) = (stick, folder + "/second")
        try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: true)
        for place in [second, first, second, first] {
            let report = try a.sync(folder: place)
            #expect(report.sent?.changesets == 0 && report.notes.isEmpty)
            try hub.sync(folder: place)
        }
        #expect(try a.sync(folder: first).sent == nil)
    }

    @Test(arguments: [true, false]) func twoCopiesOfATabletGoOnByOneFolder_EXC47(anchored: Bool) throws {
        let (hub, all) = try start(["a", "b"], anchored: anchored)
        try enter(all[0], "old")
        try meet(hub, all)
        let (a, twin) = try twins(of: all[0], anchored: anchored)
        try enter(a, "of a")
        try enter(twin, "of the twin")
        for _ in 0..<4 {
            for replica in [a, twin, all[1]] {
                try replica.sync(folder: stick)
                try hub.sync(folder: stick)
                try replica.sync(folder: stick)
            }
        }
        try expectEqual(hub, [a, twin, all[1]])
        // Both meet the folder before the hub does.
        try enter(a, "x of a")
        try enter(twin, "x of the twin")
        try meet(hub, [a, twin, all[1]], rounds: 8)
        #expect(try ids(hub.replica) == "of a of the twin old x of a x of the twin")
        try expectEqual(hub, [a, twin, all[1]])
    }

    /// The second always replaces what the first left before the hub comes.
    @Test(arguments: [true, false]) func theCopyThatComesFirstIsHeardAndAnswered_EXC47(anchored: Bool) throws {
        let (hub, all) = try start(["a", "b"], anchored: anchored)
        try enter(all[0], "old")
        try meet(hub, all)
        let (a, twin) = try twins(of: all[0], anchored: anchored)
        try enter(a, "of a")
        try meet(hub, [a, twin], rounds: 6)
        #expect(try ids(hub.replica) == "of a old")
        // The first is away while the others go on.
        for round in 0..<4 {
            try enter(all[1], "of b \(round)")
            try meet(hub, [twin, all[1]])
        }
        // The second comes twice before the hub does, and must not forget for whom it asked.
        for _ in 0..<3 {
            for replica in [a, twin, twin] { try replica.sync(folder: stick) }
            try hub.sync(folder: stick)
        }
        try a.sync(folder: stick)
        #expect(try ids(a) == "of a of b 0 of b 1 of b 2 of b 3 old")
        // When both have all, the hub is told so, and nothing is asked for any more.
        try meet(hub, [a, twin, all[1]])
        try hub.sync(folder: stick)
        for device in try hub.devices() { #expect(try device.standing.position == hub.position(), "\(device.name)") }
        #expect(try files("to-device").isEmpty)
    }

    @Test(arguments: [true, false]) func whatCannotBeCarriedOnIsKeptForTheHub_EXC47(cutOff: Bool) throws {
        let (hub, all) = try start(["a", "b"])
        let (a, b, own) = (all[0], all[1], place("to-hub", "a.satchel"))
        try enter(a, "of a")
        try enter(b, "of b")
        try b.pack(to: folder + "/of b")
        let strange = try bytes(folder + "/of b")
        try FileManager.default.createDirectory(atPath: place("to-hub", ""), withIntermediateDirectories: true)
        try write(cutOff ? strange.dropLast(20) : strange, to: own)
        let report = try a.sync(folder: stick)
        #expect(report.notes.count == 1 && report.sent?.changesets == 1)
        let kept = try #require(try files("to-hub").first { $0 != "a.satchel" })
        #expect(kept.hasPrefix("a.") && kept.hasSuffix(".satchel") && kept.count == "a.12345678.satchel".count)
        #expect(try bytes(place("to-hub", kept)) == (cutOff ? strange.dropLast(20) : strange))
        #expect(try ids(a) == "of a")
        let merged = try hub.sync(folder: stick).merged
        #expect(merged.count == 2 && merged.contains { $0.outcome == .refused } == cutOff)
        #expect(try ids(hub.replica) == (cutOff ? "of a" : "of a of b"))
        #expect(try a.sync(folder: stick).notes.isEmpty)
    }

    /// Only a hub takes in rows as they are; the tablet that is put back cannot carry them on.
    @Test func rowsThatWereHandedInOnTheStickAreKeptForTheHub_EXC47() throws {
        let (hub, all) = try start(["a", "b"])
        try enter(all[0], "old")
        try meet(hub, all)
        try hub.backUp(to: folder + "/backup")
        try ReplicaFiles.copy(from: all[0].path, to: folder + "/saved")
        try enter(all[1], "of b, who is lost")
        try meet(hub, all)
        try FileManager.default.removeItem(atPath: place("to-hub", "b.satchel"))
        let again = try restoreHub(hub, from: "backup")
        for _ in 0..<3 where try !all[0].status().mustHandIn {
            try again.sync(folder: stick)
            try all[0].sync(folder: stick)
        }
        #expect(try all[0].status().mustHandIn && ids(again.replica) == "old")
        let a = try putBack(all[0], to: folder + "/saved")
        #expect(try a.sync(folder: stick).notes.count == 1 && files("to-hub").count == 2)
        try meet(again, [a])
        #expect(try ids(again.replica) == "of b, who is lost old" && ids(a) == "of b, who is lost old")
    }

    @Test(arguments: ["zeros", "half", "garbage", "nothing", "folder"], ["to-hub", "to-device"])
    func whatABrokenStickLeftStopsNobody_EXC48_EXC51(what: String, direction: String) throws {
        let (hub, all) = try start(["a", "b"])
        try enter(all[0], "old")
        try meet(hub, all)
        try enter(all[0], "of a")
        try enter(all[1], "of b")
        try all[1].sync(folder: stick)
        try hub.sync(folder: stick)
        let path = place(direction, "a.satchel")
        let sound = try bytes(place(direction, direction == "to-hub" ? "b.satchel" : "a.satchel"))
        try? FileManager.default.removeItem(atPath: path)
        var rest = Data()
        switch what {
        case "zeros": rest = Data(count: sound.count)
        case "half": rest = sound.prefix(sound.count / 2)
        case "garbage": rest = Data((0..<300).map { UInt8($0 & 255) })
        case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        default: break
        }
        if what != "folder" { try write(rest, to: path) }
        var said: [String] = []
        for _ in 0..<4 {
            said += try all[0].sync(folder: stick).notes
            let report = try hub.sync(folder: stick)
            said += report.notes
            #expect(report.failures.isEmpty)
        }
        #expect(try ids(hub.replica) == "of a of b old" && ids(all[0]) == "of a of b old")
        if what == "zeros" || what == "garbage" {
            #expect(said.count == 1)
            #expect(try bytes(path + ".damaged-1") == rest)
        }
        if what == "folder" { #expect(!said.isEmpty) }
    }

    @Test func aFolderOfThatNameIsLeftAlone_EXC48() throws {
        let (hub, all) = try start(["a"])
        try enter(all[0], "old")
        try meet(hub, all)
        for direction in ["to-hub", "to-device"] {
            let path = place(direction, "a.satchel")
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try write(Data("photographs".utf8), to: path + "/photo")
        }
        try enter(all[0], "new")
        try enter(hub.replica, "of the hub")
        try meet(hub, all)
        #expect(try ids(hub.replica) == "new of the hub old" && ids(all[0]) == "new of the hub old")
        for direction in ["to-hub", "to-device"] {
            #expect(try bytes(place(direction, "a.satchel/photo")) == Data("photographs".utf8))
        }
    }

    @Test func twoDataSetsShareAStick_EXC48() throws {
        let (hub, all) = try start(["a"])
        let other = try Hub.create(at: folder + "/other", schema: Self.schema, anchors: .none)
        let namesake = try Replica.create(
            at: folder + "/namesake.db", enrolment: other.enrol(name: "a"), anchors: .none)
        try enter(all[0], "of a")
        try enter(namesake, "of the namesake")
        for each in [hub, other] { try enter(each.replica, "z") }
        for _ in 0..<4 {
            for replica in [all[0], namesake] { try replica.sync(folder: stick) }
            for each in [hub, other] {
                let report = try each.sync(folder: stick)
                #expect(
                    report.failures.isEmpty
                        && report.merged.allSatisfy { $0.outcome == .applied || $0.outcome == .alreadyHad })
            }
        }
        #expect(try ids(hub.replica) == "of a z" && ids(other.replica) == "of the namesake z")
        try expectEqual(hub, all)
        try expectEqual(other, [namesake])
        #expect(try files("to-hub").count == 2)
    }

    @Test func aLostTabletIsNotSeenByWhatItLeft_EXC49() throws {
        let clock = ScriptClock(1_777_914_600_000)
        let (hub, a) = try pair(clock)
        let own = place("to-hub", "a.satchel")
        try write(bytes(own), to: folder + "/again")
        let seen = try #require(try hub.devices().first?.lastSeen)
        for _ in 0..<3 {
            clock.advance(by: 86_400_000)
            #expect(try hub.sync(folder: stick).merged.isEmpty, "it is passed over")
        }
        #expect(try hub.devices().first?.lastSeen == seen)
        try hub.retire("a")
        clock.advance(by: 86_400_000)
        try hub.sync(folder: stick)
        try hub.merge([folder + "/again"])
        let device = try #require(try hub.devices().first)
        #expect(device.retired != nil && device.lastSeen == seen)
        try a.pack(to: folder + "/new")
        try hub.merge([folder + "/new"])
        #expect(try hub.devices().first?.retired == nil, "any other makes it live again")
    }

    /// It left nothing since by this road, and says nothing: what lies there is where it stands.
    @Test func aTabletThatIsPutBackToWhatLiesThereIsHeard_EXC49() throws {
        let (hub, all) = try start(["a", "b"])
        try enter(all[0], "old")
        try meet(hub, all)
        try hub.sync(folder: stick)
        try ReplicaFiles.copy(from: all[0].path, to: folder + "/saved")
        try enter(all[1], "since")
        for replica in [all[1], all[0], all[0]] {
            try up(replica, hub)
            try down(replica, hub)
        }
        try up(all[0], hub)
        #expect(try hub.devices().first?.standing.position == hub.position() && ids(all[0]) == "old since")
        let a = try putBack(all[0], to: folder + "/saved")
        #expect(try a.sync(folder: stick).sent == nil && ids(a) == "old")
        try meet(hub, [a])
        #expect(try ids(a) == "old since")
    }

    /// What people put there under names of their own is read once.
    @Test func whatLiesBesideUnderAnotherNameIsPassedOverToo_EXC49() throws {
        let (hub, all) = try start(["a", "b"])
        try enter(all[0], "old")
        try FileManager.default.createDirectory(atPath: place("to-hub", ""), withIntermediateDirectories: true)
        for day in ["friday", "monday"] {
            try enter(all[0], day)
            try all[0].pack(to: place("to-hub", day + ".satchel"))
        }
        try meet(hub, all)
        #expect(try ids(hub.replica) == "friday monday old")
        try hub.sync(folder: stick)
        for _ in 0..<3 { #expect(try hub.sync(folder: stick).merged.isEmpty) }
        for device in try hub.devices() { #expect(try device.standing.position == hub.position(), "\(device.name)") }
    }

    @Test func whoIsShutOutFindsNothingInTheFolder_EXC50() throws {
        let (hub, all) = try start(["a", "b"])
        try meet(hub, all)
        try enter(all[1], "secret")
        try all[1].sync(folder: stick)
        try hub.sync(folder: stick)
        #expect(try files("to-device").contains("a.satchel"))
        try hub.revoke("a")
        try hub.sync(folder: stick)
        #expect(try !files("to-device").contains("a.satchel"))
        try all[0].sync(folder: stick)
        #expect(try !ids(all[0]).contains("secret"))
    }

    /// It lay in a drawer and was given up; whoever takes it out again wants to read.
    @Test func whoWasGivenUpAndOnlyReadsIsHeardAgain_EXC46_EXC49() throws {
        let clock = ScriptClock(1_777_914_600_000)
        let (hub, a) = try pair(clock)
        try hub.retire("a")
        clock.advance(by: 90 * 86_400_000)
        try run(hub.replica, "INSERT INTO t VALUES ('news', '1')")
        for _ in 0..<3 {
            try hub.sync(folder: stick)
            try a.sync(folder: stick)
        }
        #expect(try ids(a) == "news old" && hub.devices().first?.retired == nil)
    }

    @Test func twoBundlesOfALostTabletAreNoSignOfItByTurns_EXC49() throws {
        let clock = ScriptClock(1_777_914_600_000)
        let (hub, a) = try pair(clock)
        var paths: [String] = []
        for id in ["one", "two"] {
            try enter(a, id)
            try a.sync(folder: stick)
            try hub.sync(folder: stick)
            try write(bytes(place("to-hub", "a.satchel")), to: folder + "/\(id)")
            paths.append(folder + "/\(id)")
        }
        let seen = try #require(try hub.devices().first?.lastSeen)
        try hub.retire("a")
        for path in paths + paths {
            clock.advance(by: 86_400_000)
            try hub.merge([path])
        }
        let device = try #require(try hub.devices().first)
        #expect(device.retired != nil && device.lastSeen == seen)
    }

    private func pair(_ clock: ScriptClock) throws -> (Hub, Replica) {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.schema, clock: clock, anchors: .none)
        let a = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "a"), clock: clock, anchors: .none)
        try enter(a, "old")
        for _ in 0..<2 {
            try a.sync(folder: stick)
            try hub.sync(folder: stick)
        }
        return (hub, a)
    }
}
