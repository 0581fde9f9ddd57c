internal import GRDB
internal import Satchel

/// What the people of a script do, through plain SQL.
protocol ScriptWriting {
    /// Runs a statement that is drawn, and returns it as text.
    static func statement(_ db: Database, _ random: inout SplitMix64) throws -> String
}

extension ScriptWriting {
    /// A transaction of one or two statements, returned as text. One that the DDL forbids leaves nothing behind.
    static func write(_ replica: Replica, _ random: inout SplitMix64) throws -> [String] {
        var copy = random
        var statements: [String] = []
        do {
            try replica.write { db in
                for _ in 0..<Int.random(in: 1...2, using: &copy) { statements.append(try statement(db, &copy)) }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            statements.append("(refused)")
        }
        random = copy
        return statements
    }
}
