import Foundation
import SatchelHub
import SatchelTransport
import Testing

@testable import Satchel

/// What programs that were killed leave half-written in a shared folder (EXC-52).
@Suite final class FolderLeftoversTests: SharedFolderWorld {
    private static let mark = ".part-0123abcd"

    /// Writes a file of which nobody has written anything since then.
    private func leave(_ bytes: Data, at path: String, days: Double) throws {
        try write(bytes, to: path)
        try age(path, days: days)
    }

    private func age(_ path: String, days: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -86_400 * days)], ofItemAtPath: path)
    }

    @Test(arguments: [true, false]) func whatWasLeftHalfWrittenGoesWhenItIsOld_EXC52(byTheHub: Bool) throws {
        let (hub, all) = try start(["a", "b"])
        try meet(hub, all)
        let half = try bytes(place("to-hub", "a.satchel")).prefix(100)
        // A folder's clock is another than the device's: a file from the future is none that is old.
        let stays: [(String, Double)] = [
            ("b.satchel" + Self.mark, 0.0), ("late.satchel" + Self.mark, 1.5), ("next.satchel" + Self.mark, -9000),
            ("photo" + Self.mark, 9), ("a.satchel.part-1", 9), ("a.satchel.part-0123ABCD", 9),
            (".a.satchel" + Self.mark, 9), ("a.satchel.damaged-1", 9),
        ]
        for direction in ["to-hub", "to-device"] {
            try leave(Data(half), at: place(direction, "a.satchel" + Self.mark), days: 3)
            try leave(Data(count: 5000), at: place(direction, "lost.satchel" + Self.mark), days: 400)
            try leave(Data(), at: place(direction, "empty.0123abcd.satchel" + Self.mark), days: 2.1)
            for (name, days) in stays { try leave(Data(half), at: place(direction, name), days: days) }
            let folder = place(direction, "folder.satchel" + Self.mark)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try age(folder, days: 9)
        }
        let notes = try byTheHub ? hub.sync(folder: stick).notes : all[0].sync(folder: stick).notes
        #expect(notes.isEmpty, "\(notes)")
        let due = Set(stays.map(\.0) + ["folder.satchel" + Self.mark])
        for direction in ["to-hub", "to-device"] {
            #expect(try Set(files(direction)).subtracting(["a.satchel", "b.satchel"]) == due, "\(direction)")
        }
        try enter(all[0], "x")
        try meet(hub, all)
        try expectEqual(hub, all)
    }

    /// A tablet was killed when its bundle was whole and had not got its name, and it is all that is left of the day.
    @Test func oneThatIsWholeIsReadByTheHub_EXC52_EXC47() throws {
        let (hub, all) = try start(["a", "b"])
        try meet(hub, all)
        try enter(all[0], "the only copy")
        try all[0].sync(folder: stick)
        let path = place("to-hub", "a.satchel" + Self.mark)
        try FileManager.default.moveItem(atPath: place("to-hub", "a.satchel"), toPath: path)
        try hub.sync(folder: stick)
        #expect(try ids(hub.replica) == "", "somebody may be writing it")
        try age(path, days: 3)
        // Cut, and whole.
        try leave(Data(bytes(path).dropLast()), at: place("to-hub", "b.satchel" + Self.mark), days: 3)
        let report = try hub.sync(folder: stick)
        #expect(report.notes.count == 1 && report.notes[0].contains("is kept for the hub as a."), "\(report.notes)")
        #expect(try ids(hub.replica) == "the only copy")
        #expect(try files("to-hub").allSatisfy { !$0.contains(".part-") })
        #expect(try hub.sync(folder: stick).merged.isEmpty, "it is taken, and passed over from now on")
    }

    @Test func whatIsAnotherDataSetsStays_EXC52_EXC48() throws {
        let (hub, all) = try start(["a"])
        try meet(hub, all)
        let other = try Hub.create(at: folder + "/other", schema: Self.schema, anchors: .none)
        let stranger = try Replica.create(
            at: folder + "/stranger.db", enrolment: other.enrol(name: "a"), anchors: .none)
        try stranger.pack(to: folder + "/theirs")
        let path = place("to-hub", "a.satchel" + Self.mark)
        try leave(bytes(folder + "/theirs"), at: path, days: 9)
        try hub.sync(folder: stick)
        #expect(DropFolder.lying(at: path) != nil)
    }
}
