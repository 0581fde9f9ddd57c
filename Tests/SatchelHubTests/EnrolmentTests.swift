import Foundation
import Satchel
import SatchelHub
import Testing

/// Who may join a data set.
@Suite struct EnrolmentTests {
    private static let schema = "CREATE TABLE client (id TEXT PRIMARY KEY NOT NULL, name TEXT);"

    private func withHub(_ body: (Hub, String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(try Hub.create(at: folder + "/hub", schema: Self.schema), folder)
    }

    @Test func aNameIsGivenOnce() throws {
        try withHub { hub, _ in
            _ = try hub.enrol(name: "tablet-1")
            #expect(throws: UsageError.self) { try hub.enrol(name: "tablet-1") }
        }
    }

    @Test(arguments: ["", "Tablet", "平板", "a b", "hub", String(repeating: "a", count: 33)])
    func aNameThatCouldNotBeAFileNameIsRefused(_ name: String) throws {
        try withHub { hub, _ in #expect(throws: UsageError.self) { try hub.enrol(name: name) } }
    }

    /// One enrolment, two tablets: the first that comes is the device, the second is refused and its bundle is kept.
    @Test func anEnrolmentAdmitsOneDevice() throws {
        try withHub { hub, folder in
            let enrolment = try hub.enrol(name: "tablet-1")
            // Nothing was written on either: the hub has all of the first one's nothing already.
            for (number, outcome) in [(1, MergeReport.Merged.Outcome.alreadyHad), (2, .refused)] {
                let replica = try Replica.create(at: "\(folder)/\(number).sqlite", enrolment: enrolment)
                try replica.pack(to: "\(folder)/\(number).satchel")
                #expect(try hub.merge(["\(folder)/\(number).satchel"]).merged.map(\.outcome) == [outcome])
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: hub.directory + "/quarantine").count == 1)
        }
    }
}
