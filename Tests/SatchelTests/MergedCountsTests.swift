import Satchel
import SatchelHub
import Testing

/// What is counted, and put into sets, of rows that are merged and taken apart again (MRG-50, MRG-54, MRG-56).
@Suite final class MergedCountsTests: MergedRowsWorld {
    private static let plain =
        "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, visits INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]');"
    private static let counting = """
        -- satchel: policy client.visits counter
        -- satchel: policy client.tags set
        \(plain)
        """

    /// Client a with ten visits and the tag 1, client b with seven and the tag 2.
    private func pair(_ schema: String = counting) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let replicas = try ["x", "y"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(replicas[0], "INSERT INTO client VALUES ('a', 'A', 10, '[1]'), ('b', 'B', 7, '[2]')")
        try sync(hub, replicas)
        return (hub, replicas)
    }

    private func told(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || visits || ':' || tags FROM client ORDER BY id")
    }

    @Test func whatAMergeJoinsAnywayIsNotTakenOver_MRG50() throws {
        let (hub, all) = try pair()
        #expect(
            try all[0].merge(key("a"), into: key("b"), in: "client", taking: ["visits", "tags", "name"]) == ["name"])
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:17:[1,2]") }
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:7:[2]") }
    }

    /// Two numbers of people who did not count are opinions about one (MRG-31): nothing is joined.
    @Test func numbersThatAreNotAddedUpAreTakenOver_MRG50_MRG31() throws {
        let (hub, all) = try pair(Self.plain)
        for replica in all + [hub.replica] { try replica.migrate(schema: Self.counting) }
        #expect(try all[0].merge(key("a"), into: key("b"), in: "client", taking: ["visits"]) == ["visits"])
        try sync(hub, all)
        for replica in all { #expect(try told(replica).hasPrefix("b:10:")) }
    }
}
