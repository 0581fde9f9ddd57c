import CFaultyDisk
import Foundation
import SatchelHub
import SatchelTesting
import Testing

@testable import Satchel

/// What cannot be made whole is not there (CLI-11, CLI-30, CLI-64, CLI-66).
extension CrashTests {
    enum Made: CaseIterable, Sendable { case replica, copy, hub, rebuilt, backup }

    /// From some call on the disk is full for good. Whatever was made before is gone again, and with room all is well.
    @Test(arguments: Made.allCases)
    func aDiskThatBecomesFullLeavesNothingHalfMade_CLI11_CLI30_CLI64_CLI66(what: Made) throws {
        let world = try template.copy(to: template.folder + "-made")
        defer { world.remove() }
        let anchors = Anchoring.store(FileAnchors(directory: world.folder + "/state"))
        let clock = ScriptClock(CrashWorld.hour)
        let people = try world.open()
        defer { people.close() }
        let enrolment = try people.hub.enrol(name: "c")
        try people.hub.exportKey(to: world.folder + "/key")
        let place = world.folder + "/new"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        func make() throws {
            switch what {
            case .replica:
                try Replica.create(at: place + "/c.db", enrolment: enrolment, clock: clock, anchors: anchors).close()
            case .copy: try people.a.duplicate(to: place + "/c.db").close()
            case .hub:
                try Hub.create(at: place + "/deep/hub", schema: CrashWorld.ddl, clock: clock, anchors: anchors).close()
            case .rebuilt:
                try Hub.rebuild(
                    at: place + "/deep/hub", keyFile: world.folder + "/key", clock: clock, anchors: anchors
                ).close()
            case .backup: try people.hub.backUp(to: place + "/saved")
            }
        }
        func there(_ folder: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0 != "place" }.sorted()
        }
        var (point, failures, successes) = (1, 0, 0)
        while true {
            faulty_watch(place)
            faulty_fail_at(point, 1 << 20, 13)
            let outcome = Result { try make() }
            let isOver = faulty_calls() < point
            faulty_watch(nil)
            if case .success = outcome {
                successes += what == .backup || what == .copy ? 0 : 1
                // Folding the log into the file may wait.
                for name in try FileManager.default.contentsOfDirectory(atPath: place) {
                    try FileManager.default.removeItem(atPath: place + "/" + name)
                }
            } else {
                failures += 1
                #expect(try there(place) == [], "\(what), call \(point)")
                let anchors = (try? there(world.folder + "/state")) ?? []
                #expect(anchors.count == successes, "\(what), call \(point): \(anchors)")
            }
            if isOver { break }
            point += point < 12 ? 1 : 5
        }
        #expect(failures > 5, "\(what): \(failures) failures in \(point) calls")
        try make()
        #expect(try !there(place).isEmpty)
    }

    /// Nor is anything taken away, or written over, that lay there before.
    @Test(arguments: ["", "-wal", "-shm", "-journal"]) func nothingMayBeAtThePlaceOfAReplica_CLI11(
        suffix: String
    ) throws {
        let world = try template.copy(to: template.folder + "-taken")
        defer { world.remove() }
        let people = try world.open()
        defer { people.close() }
        let enrolment = try people.hub.enrol(name: "c")
        let path = world.folder + "/c.db"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path + suffix))
        let said = #expect(throws: UsageError.self) { try Replica.create(at: path, enrolment: enrolment) }
        #expect(said?.description.contains("something at \(path)\(suffix) already") == true)
        #expect(FileManager.default.contents(atPath: path + suffix) == Data("mine".utf8))
        #expect(FileManager.default.fileExists(atPath: path) == suffix.isEmpty)
        try FileManager.default.removeItem(atPath: path + suffix)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: world.folder + "/nowhere")
        #expect(throws: UsageError.self) { try Replica.create(at: path, enrolment: enrolment) }
        #expect(!FileManager.default.fileExists(atPath: world.folder + "/nowhere"))
    }
}
