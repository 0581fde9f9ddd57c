import Foundation
import Satchel
import SatchelHub
import SatchelStore
import SatchelTransport
import Testing

/// What a killed process leaves beside a replica, and files and folders that are not what they seem.
@Suite final class MishapTests: ReviewedWorld {
    /// It may hold what is erased meanwhile. No process has a number of eight digits.
    @Test func aPrivateCopyThatAKilledProcessLeftGoesWhenTheReplicaIsOpened_ERA7() throws {
        let (hub, all) = try world(Self.clients, "one")
        try sync(hub, all)
        let path = all[0].path
        try all[0].close()
        let left = path + ".spool-99999999-0011223344556677"
        let inUse = path + ".spool-\(ProcessInfo.processInfo.processIdentifier)-0011223344556677"
        for file in [left, inUse] { try Data("of a bundle".utf8).write(to: URL(fileURLWithPath: file)) }
        let again = try Replica.open(at: path, anchors: .none)
        defer { try? again.close() }
        #expect(!FileManager.default.fileExists(atPath: left))
        #expect(FileManager.default.fileExists(atPath: inUse), "another is just reading it")
    }

    /// A computer's own disk has a folder for every stick.
    @Test func aStickThatWasPulledOutIsNoNewFolder_CLI15() throws {
        let stick = folder + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: false)
        let dropped = try DropFolder(stick)
        for _ in 0..<2 { #expect(try dropped.folder(.toHub) == stick + "/satchel/to-hub") }
        try FileManager.default.removeItem(atPath: stick)
        #expect(throws: TransportError.self) { try dropped.folder(.toHub) }
        #expect(!FileManager.default.fileExists(atPath: stick))
    }

    /// SQLite takes what begins so for a URI, and opens another file.
    @Test func aPathIsThatOfAFileWhateverItBeginsWith_CLI11() throws {
        let name = "file:satchel-" + UUID().uuidString
        defer {
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: "./" + name + suffix) }
        }
        let db = try Connection(path: name, mode: .create)
        defer { db.close() }
        try db.execute("CREATE TABLE t(a)")
        #expect(FileManager.default.fileExists(atPath: "./" + name))
        #expect(Connection.plain(":memory:") == "./:memory:")
        #expect(Connection.plain("/a/" + name) == "/a/" + name && Connection.plain("y.db") == "y.db")
    }

    @Test func aKeyThatIsNoNumberIsNamedWithItsLine_CLI2_CLI23() throws {
        let hub = try Hub.create(
            at: folder + "/hub",
            schema: "-- satchel: stable product\nCREATE TABLE product(number INTEGER PRIMARY KEY, name TEXT);",
            anchors: .none)
        let csv = Array("number,name\n1,one\nabc,two\n".utf8)
        let refused = #expect(throws: UsageError.self) {
            _ = try hub.replica.load("product", csv: csv, named: "product.csv")
        }
        #expect(refused?.description.hasPrefix("line 3 of product.csv") == true, "\(String(describing: refused))")
        #expect(try text(hub.replica, "SELECT count(*) || '' FROM product") == "0", "all or nothing")
    }
}
