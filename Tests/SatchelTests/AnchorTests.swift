import Foundation
import GRDB
import Satchel
import Testing

/// A copied or restored file is noticed when it is opened, before it writes (IDN-7, IDN-8).
@Suite struct AnchorTests {
    enum Way: CaseIterable {
        case closed, open, vacuum
    }

    @Test(arguments: Way.allCases) func aCopyOnThisMachineTakesANewIncarnationBeforeItSeals_IDN7(way: Way) throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let anchors = Anchoring.store(world.anchors)
        var a = try world.device("a", anchors: anchors)
        try world.write(a, "common")
        try a.write { try $0.execute(sql: "INSERT INTO t VALUES ('not sealed yet', NULL)") }
        let line = a.origin
        switch way {
        case .closed:
            try a.close()
            try world.copy("a", "b")
            a = try world.open("a", anchors: anchors)
        case .open: try world.copy("a", "b")
        case .vacuum:
            try a.read { _ in }
            let queue = try DatabaseQueue(path: world.path("a"))
            try queue.vacuum(into: world.path("b"))
            try queue.close()
        }
        let b = try world.open("b", anchors: anchors)
        #expect(b.origin != line)
        #expect(try b.status().formerLines.map(\.reason) == ["copied"])
        #expect(a.origin == line)
        try world.write(a, "a1")
        try world.write(b, "b1")
        #expect(try b.changesets().filter { $0.head.origin == line }.count == 1)
        try world.meet([a, b], rounds: 1)
        try world.expectEqual([a, b], ["common", "not sealed yet", "a1", "b1"])
        #expect(a.origin == line)
        try b.close()
        let again = try world.open("b", anchors: anchors)
        #expect(try again.status().formerLines.count == 1)
    }

    @Test(arguments: [true, false]) func yesterdaysFileOverTodaysIsNoticedIfTodaysHadBeenSent_IDN7(sent: Bool) throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let anchors = Anchoring.store(world.anchors)
        var a = try world.device("a", anchors: anchors)
        let peer = try world.device("peer")
        try world.write(a, "common")
        try world.carry(a, to: peer)
        try a.close()
        try world.copy("a", "saved")
        a = try world.open("a", anchors: anchors)
        let line = a.origin
        try world.write(a, "after the backup")
        if sent { try world.carry(a, to: peer) }
        try a.close()
        // Into the same file, so that its number stays: only what left it tells.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: world.path("saved")))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: world.path("a")))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: bytes)
        try file.close()
        let restored = try world.open("a", anchors: anchors)
        #expect((restored.origin != line) == sent)
        #expect(try restored.status().formerLines.map(\.reason) == (sent ? ["restored"] : []))
        try world.write(restored, "after the restore")
        try world.meet([restored, peer], rounds: 1)
        try world.expectEqual(
            [restored, peer], ["common", "after the restore"] + (sent ? ["after the backup"] : []))
    }

    @Test func aMovedFileIsStillTheSame_IDN7() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let anchors = Anchoring.store(world.anchors)
        let a = try world.device("a", anchors: anchors)
        try world.write(a, "common")
        let line = a.origin
        try a.close()
        try FileManager.default.moveItem(atPath: world.path("a"), toPath: world.path("moved"))
        let moved = try world.open("moved", anchors: anchors)
        #expect(moved.origin == line)
        try moved.close()
        #expect(try world.open("moved", anchors: anchors).origin == line)
    }

    @Test func aFileOnAnotherMachineIsACopy_IDN7() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let a = try world.device("a", anchors: .store(world.anchors))
        try world.write(a, "common")
        let line = a.origin
        try a.close()
        let elsewhere = Anchoring.store(FileAnchors(directory: world.path("another machine")))
        let there = try world.open("a", anchors: elsewhere)
        #expect(there.origin != line)
        try there.close()
        #expect(try world.open("a", anchors: elsewhere).status().formerLines.count == 1)
    }

    @Test func aFileAheadOfItsAnchorIsTheSameFile_IDN7() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let anchors = Anchoring.store(world.anchors)
        let a = try world.device("a", anchors: anchors)
        let line = a.origin
        try world.write(a, "1", "2", "3")
        try a.close()
        #expect(try world.open("a", anchors: anchors).origin == line)
    }

    @Test func aPlaceThatCannotBeWrittenIsToldAndStopsNobody_IDN8() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        try Data().write(to: URL(fileURLWithPath: world.path("not a folder")))
        let a = try world.device("a", anchors: .store(FileAnchors(directory: world.path("not a folder"))))
        try world.write(a, "common")
        #expect(try a.status().anchorFault != nil)
        #expect(try a.doctor().notes.contains { $0.contains("kept outside") })
    }

    @Test func anAnchorWhoseWritingBrokeOffLeavesTheOneBefore_IDN8() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let (anchors, peer) = (Anchoring.store(world.anchors), try world.device("peer"))
        let a = try world.device("a", anchors: anchors)
        let line = a.origin
        var kept: [Anchor] = []
        for round in ["1", "2", "3"] {
            try world.write(a, round)
            try world.carry(a, to: peer)
            kept.append(try #require(try world.anchors.anchor(of: line)))
        }
        #expect(kept.map(\.sequence) == [1, 2, 3])
        try a.close()
        let path = world.path("anchors/\(line).anchor")
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        func tear(_ places: [Int]) throws {
            var torn = whole
            for place in places { torn.replaceSubrange(place..<(place + 40), with: Data(count: 40)) }
            try torn.write(to: URL(fileURLWithPath: path))
        }
        var found: Set<UInt64> = []
        for place in [0, 8192] {
            try tear([place])
            found.insert(try #require(try world.anchors.anchor(of: line)).sequence)
        }
        #expect(found == [2, 3])
        try tear([8192])
        #expect(try world.open("a", anchors: anchors).origin == line)
        try tear([0, 8192])
        #expect(try world.anchors.anchor(of: line) == nil)
        #expect(try world.open("a", anchors: anchors).origin != line)
    }
}
