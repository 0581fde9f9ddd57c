import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// Files copied by hand at any moment, with additions in them that nobody has sealed (P10): what was added once counts
/// once, whoever hands it in.
@Suite struct CounterCopiesTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func whateverIsCopiedWhenEveryAdditionCountsOnce_MRG31_CAP16_EXC27(seed: UInt64) throws {
        let folder = NSTemporaryDirectory() + "satchel-counted-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let schema = SchemaText("CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0);")
            .policy(.counter, for: "t", "n")
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        var replicas = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        var random = SplitMix64(seed: seed)
        try replicas[0].write { try $0.execute(sql: "INSERT INTO t VALUES ('k', 5)") }
        var total: Int64 = 5
        func sync(_ replica: Replica) throws {
            try replica.pack(to: folder + "/up")
            let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
            #expect(report.merged.allSatisfy { $0.outcome != .refused }, "seed \(seed): \(report.merged)")
            try replica.apply("\(folder)/replies/\(replica.name).satchel")
        }
        for replica in replicas + replicas { try sync(replica) }
        for step in 0..<40 {
            let index = Int.random(in: 0..<replicas.count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let amount = Int64.random(in: -3...9, using: &random)
                try replicas[index].write { db in
                    try db.execute(sql: "UPDATE t SET n = n + ?", arguments: [amount])
                    if db.changesCount == 1 { total += amount }
                }
            case 6: try replicas[index].seal()
            case 7, 8: try sync(replicas[index])
            default:
                guard replicas.count < 5 else { continue }
                let (path, copy) = (replicas[index].path, "\(folder)/copy\(step).db")
                try replicas[index].close()
                try FileManager.default.copyItem(atPath: path, toPath: copy)
                replicas[index] = try Replica.open(at: path)
                replicas.append(try Replica.open(at: copy))
            }
        }
        for _ in 0..<5 { for replica in replicas { try sync(replica) } }
        for replica in replicas + [hub.replica] {
            let shown = try replica.read { try Int64.fetchOne($0, sql: "SELECT n FROM t") }
            #expect(shown == total, "seed \(seed), \(replica.path)")
        }
        #expect(Set(try replicas.map { try $0.digest() } + [hub.digest()]).count == 1)
    }
}
