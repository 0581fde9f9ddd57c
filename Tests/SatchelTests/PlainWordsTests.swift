import GRDB
import Satchel
import SatchelStore
import Testing

/// What SQLite says of files and disks, as people are told it (CLI-3).
@Suite struct PlainWordsTests {
    private static let usual: [(code: Int32, said: String, plain: String)] = [
        (8, "attempt to write a readonly database", "the file may only be read"),
        (10, "disk I/O error", "the disk did not do what it was asked to"),
        (11, "database disk image is malformed", "the file is damaged"),
        (13, "database or disk is full", "the disk is full"),
        (14, "unable to open database file", "the file cannot be opened"),
    ]

    @Test func whatSQLiteSaysStandsBehindPlainWords_CLI3() {
        for (code, said, plain) in Self.usual {
            // An extended code: the low byte says what it is.
            let own = Complaint(StoreError(code: code | 3 << 8, message: said, doing: "COMMIT"))
            let apps = Complaint(DatabaseError(resultCode: ResultCode(rawValue: code), message: said))
            for complaint in [own, apps] {
                #expect(complaint.kind == .other, "\(complaint)")
                #expect(complaint.sentence.hasPrefix(plain + " (") && complaint.sentence.contains(said), "\(complaint)")
                #expect(!complaint.hint.isEmpty && !complaint.hint.contains(said))
            }
        }
    }

    @Test func whatIsElseKeepsItsWords_CLI3() {
        #expect(Complaint(StoreError("the replica was closed")).sentence == "the replica was closed")
        #expect(Complaint(StoreError(code: 5, message: "database is locked", doing: "BEGIN")).kind == .busy)
        #expect(Complaint(StoreError(code: 19, message: "CHECK failed", doing: "")).kind == .usage)
        #expect(Complaint(StoreError(code: 1, message: "no such table: t", doing: "")).sentence == "no such table: t")
    }
}
