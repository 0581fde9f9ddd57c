import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Forgetting, and a hub that begins another life (EXC-26, EXC-28).
@Suite final class CleanUpLivesTests: ReviewedWorld {
    @Test func whoKnewOfTheDropEntersTheRowAnewAcrossAnEpochOfTheHub_EXC26_EXC28() throws {
        let (hub, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);", "a", "b")
        let (a, b) = (all[0], all[1])
        try run(a, "INSERT INTO t VALUES ('p', 'old', NULL)")
        try sync(hub, all)
        try run(a, "DELETE FROM t")
        try sync(hub, all, rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try run(b, "INSERT INTO t VALUES ('q', 'q', NULL)")
        try sync(hub, all, rounds: 3)
        try run(a, "INSERT INTO t VALUES ('p', 'anew', NULL)")
        try hub.restored()
        try sync(hub, all, rounds: 3)
        for replica in [hub.replica, a, b] {
            #expect(try replica.conflicts().isEmpty, "\(replica.name)")
            #expect(try text(replica, "SELECT v FROM t WHERE id = 'p'") == "anew")
        }
    }
}
