import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelWire
import Testing

/// The engine's digest, byte by byte.
@Suite struct DigestTests {
    private func form(_ text: String) -> [UInt8] { [3] + UInt64(text.utf8.count).bigEndianBytes + Array(text.utf8) }

    @Test func theBytesAreThoseOfTheTablesByNameAndOfWhatPeopleDeclaredOnceTheyDid_DIG1_DIG3() throws {
        let world = try CaptureWorld(
            "CREATE TABLE b(id TEXT PRIMARY KEY); CREATE TABLE a(id TEXT PRIMARY KEY, n INTEGER); "
                + "CREATE TABLE Z(id TEXT PRIMARY KEY); CREATE TABLE local(v);")
        let author = world.author
        try world.write("INSERT INTO a VALUES ('y', NULL), ('x', 1); INSERT INTO local VALUES (1)")
        let one = form("x") + [1, 0, 0, 0, 0, 0, 0, 0, 1]
        let rows = form("Z") + form("a") + [5] + one + [5] + form("y") + [0] + form("b")
        #expect(try author.digest() == sha256(rows).description)
        #expect(try author.digest().allSatisfy { "0123456789abcdef".contains($0) } && author.digest().count == 64)
        // A table that only the author's schema has is in the author's digest and not in the hub's.
        try author.write { try $0.execute(sql: "CREATE TABLE c(id TEXT PRIMARY KEY); INSERT INTO c VALUES ('k')") }
        try author.pack(to: world.folder + "/up")
        try world.hub.merge([world.folder + "/up"])
        #expect(try world.hub.digest() == sha256(rows).description)
        let more = rows + form("c") + [5] + form("k")
        #expect(try author.digest() == sha256(more).description)
        try author.declareDistinct(RowKey([.text("x")]), RowKey([.text("y")]), in: "a")
        let fact = try #require(try author.read { try String.fetchOne($0, sql: "SELECT name FROM satchel_fact") })
        let all = more + form("satchel_fact") + [5] + form(fact) + form("1")
        #expect(try author.digest() == sha256(all).description)
    }
}
