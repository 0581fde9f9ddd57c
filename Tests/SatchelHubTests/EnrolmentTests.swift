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

    /// One enrolment, two tablets: the first that comes is the device; what the second made is kept and does not count.
    @Test func anEnrolmentAdmitsOneDevice_CLI33_REV8() throws {
        try withHub { hub, folder in
            let enrolment = try hub.enrol(name: "tablet-1")
            for number in 1...2 {
                let replica = try Replica.create(at: "\(folder)/\(number).sqlite", enrolment: enrolment)
                // Nothing was written on either: the hub has all of their nothing already.
                try replica.pack(to: "\(folder)/\(number).satchel")
                let merged = try hub.merge(["\(folder)/\(number).satchel"]).merged
                #expect(merged.map(\.outcome) == [.alreadyHad])
                #expect(merged[0].reasons.contains { $0.contains("used on another device before") } == (number == 2))
            }
            #expect(try hub.quarantine().changesets.isEmpty)
        }
    }
}
