import Satchel
import SatchelHub
import Testing

/// Counters and sets beside devices of an older version, and with defaults of their own (MRG-31, MRG-32, MRG-37).
@Suite final class MixedPolicyTests: ReviewedWorld {
    private static let plain =
        "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]'"
    private static let old = "-- satchel: version 1\n\(plain));"
    private static let new =
        "-- satchel: version 2\n-- satchel: policy t.n counter\n-- satchel: policy t.tags set\n\(plain));"

    private func world() throws -> (Hub, [Replica]) {
        let (hub, devices) = try world(Self.old, "a", "b", "c")
        try run(devices[0], #"INSERT INTO t VALUES ('x', 5, '["allergic"]')"#)
        try sync(hub, devices)
        for replica in [devices[0], devices[2], hub.replica] { try replica.migrate(to: Self.new) }
        return (hub, devices)
    }

    private func values(_ replica: Replica, _ column: String) throws -> [String] {
        try replica.conflicts().filter { $0.columns == [column] }.flatMap { $0.candidates.map { $0.values[0].display } }
    }

    @Test func whatIsCountedStandsAgainstANumberOfAnOlderVersion_MRG31_MRG37() throws {
        let (hub, devices) = try world()
        for device in devices { try run(device, "UPDATE t SET n = n + 1") }
        try sync(hub, [devices[0], devices[2]])
        #expect(try text(devices[0], "SELECT n FROM t") == "7")
        try sync(hub, devices)
        for replica in [devices[0], devices[2], hub.replica] {
            #expect(try values(replica, "n") == ["6", "7"], "\(replica.name)")
        }
        let conflict = try #require(try devices[0].conflicts().first { $0.columns == ["n"] })
        try devices[0].resolve(conflict.id, values: [.integer(8)])
        try devices[1].migrate(to: Self.new)
        try sync(hub, devices)
        for device in devices[..<2] { try run(device, "UPDATE t SET n = n + 1") }
        try sync(hub, devices)
        try expectEqual(hub, devices)
        for replica in devices { #expect(try text(replica, "SELECT n FROM t") == "10" && replica.conflicts().isEmpty) }
    }

    /// The number of the other may be equal to what was counted, and has another's count in it all the same.
    @Test func anEqualNumberIsAnotherOne_MRG31_MRG37() throws {
        let (hub, devices) = try world()
        for device in devices[..<2] { try run(device, "UPDATE t SET n = n + 1") }
        try sync(hub, devices)
        #expect(try values(devices[0], "n") == ["6", "6"])
        let conflict = try #require(try devices[0].conflicts().first { $0.columns == ["n"] })
        #expect(Set(conflict.candidates.flatMap { $0.authors.map(\.device) }) == ["a", "b"])
        #expect(conflict.candidates.count { $0.isShown } == 1)
        try devices[0].resolve(conflict.id, values: [.integer(7)])
        try devices[1].migrate(to: Self.new)
        try sync(hub, devices)
        try expectEqual(hub, devices)
        for replica in devices { #expect(try text(replica, "SELECT n FROM t") == "7") }
    }

    @Test func whatAnOlderVersionTookOutIsAskedAbout_MRG32_MRG37() throws {
        let (hub, devices) = try world()
        try run(devices[1], #"UPDATE t SET tags = '["dog"]'"#)
        try run(devices[0], #"UPDATE t SET tags = '["allergic","cat"]'"#)
        try sync(hub, devices)
        for replica in [devices[0], devices[2], hub.replica] {
            #expect(try values(replica, "tags") == [#"["dog"]"#, #"["allergic","cat"]"#], "\(replica.name)")
        }
        let conflict = try #require(try devices[0].conflicts().first { $0.columns == ["tags"] })
        try devices[0].resolve(conflict.id, values: [.text(#"["cat"]"#)])
        try devices[1].migrate(to: Self.new)
        try sync(hub, devices)
        try expectEqual(hub, devices)
        for replica in devices { #expect(try text(replica, "SELECT tags FROM t") == #"["cat"]"#) }
    }

    /// A default that all see counts once, whoever writes first.
    @Test func aDefaultCountsOnce_MRG31_MRG32() throws {
        let (hub, devices) = try world()
        let columns = #", stock INTEGER NOT NULL DEFAULT 10, marks TEXT NOT NULL DEFAULT '["new"]'"#
        let next =
            "-- satchel: version 3\n-- satchel: policy t.n counter\n-- satchel: policy t.tags set\n"
            + "-- satchel: policy t.stock counter\n-- satchel: policy t.marks set\n\(Self.plain)\(columns));"
        for replica in devices + [hub.replica] { try replica.migrate(to: next) }
        try run(devices[0], #"UPDATE t SET stock = stock + 1, marks = '["a","new"]'"#)
        try run(devices[1], "UPDATE t SET stock = stock + 2, marks = '[]'")
        try sync(hub, devices)
        try expectEqual(hub, devices)
        for replica in devices {
            #expect(try text(replica, "SELECT stock || marks FROM t") == #"13["a"]"#, "\(replica.name)")
            #expect(try replica.conflicts().isEmpty)
        }
        try run(devices[2], "UPDATE t SET stock = stock - 3")
        try sync(hub, devices)
        #expect(try text(devices[0], "SELECT stock FROM t") == "10")
    }
}
