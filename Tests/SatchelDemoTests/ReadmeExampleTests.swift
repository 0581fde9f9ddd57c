import Foundation
import GRDB
import Satchel
import SatchelFieldwork
import SatchelHub
import Testing

/// The example of README.md, compiled and run. Tests/HouseTests compares the two line by line.
@Suite struct ReadmeExampleTests {
    @Test func theExampleBringsAClientFromOneTabletToTheOther() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder + "/stick", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let client = Client(id: "c", name: "杭州恒达食品有限公司", by: "王芳", at: Moment(milliseconds: 0))

        // example
        let hub = try Hub.create(at: folder + "/hub", schema: Fieldwork.schema)
        let first = try hub.enrol(name: "tablet-1", displayName: "王芳")
        let wang = try Replica.create(at: folder + "/wang.sqlite", enrolment: first, clock: SystemClock())
        let second = try hub.enrol(name: "tablet-2", displayName: "李强")
        let li = try Replica.create(at: folder + "/li.sqlite", enrolment: second, clock: SystemClock())

        try wang.write { db in try client.insert(db) }  // plain GRDB, or SQL from any program
        for replica in [wang, li, wang, li] {  // through a folder: on a USB stick, or shared
            try replica.sync(folder: folder + "/stick")
            try hub.sync(folder: folder + "/stick")
        }
        for conflict in try li.conflicts() {  // both values are kept; a person decides
            try li.resolve(conflict.id, keep: 1)
        }
        // example

        #expect(try li.read { db in try Client.fetchOne(db, key: "c") } == client)
        #expect(try wang.digest() == li.digest())
    }
}
