import Foundation
import Satchel
import SatchelHub
import Testing

/// What the two programs hand each other on paper, by chat or on a stick.
@Suite struct EnrolmentFileTests {
    @Test func anEnrolmentComesBackFromItsFileAsItWasWritten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hub = try Hub.create(at: folder + "/hub", schema: "CREATE TABLE t (id TEXT PRIMARY KEY);")
        let enrolment = try hub.enrol(name: "tablet-1", displayName: "王芳")
        let path = folder + "/tablet-1.enrolment"
        try JSONEncoder().encode(enrolment).write(to: URL(fileURLWithPath: path))
        let read = try Enrolment(contentsOf: path)
        #expect(read.name == "tablet-1" && read.displayName == "王芳" && read.grant == enrolment.grant)
        #expect(try Replica.create(at: folder + "/a.sqlite", enrolment: read).name == "tablet-1")
    }

    @Test func whatIsNoEnrolmentIsRefusedWithASentence() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: UsageError.self) { try Enrolment(contentsOf: path) }
        try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: UsageError.self) { try Enrolment(contentsOf: path) }
    }
}
