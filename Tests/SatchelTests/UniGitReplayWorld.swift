import Foundation
import GRDB
import Satchel
import SatchelModel
import SatchelTesting

/// The replicas of the history. Each is born as a copy of the one whose work its person first built on, and hears of
/// others by real bundles only; its files go as soon as no later commit needs them.
final class UniGitWorld {
    struct Broken: Error, CustomStringConvertible { var description: String }

    let data: UniGitData
    let directory: String
    let clock = ScriptClock(0)
    /// Commit and key of each conflict that was reported, with its kind.
    private(set) var reported: [String: [String]] = [:]

    private var replicas: [String: Replica] = [:]
    /// Copies of a parent that wait for a child which is not born yet, by parent and child.
    private var messengers: [[Int]: Replica] = [:]
    /// Bundles that wait for their child, by child.
    private var bundles: [Int: [String]] = [:]
    private var states: [Int: UniGitState] = [:]
    private var children: [Int: [Int]] = [:]
    private var first: [String: Int] = [:]
    private var last: [String: Int] = [:]
    private var files = 0

    init(_ data: UniGitData, directory: String) {
        self.data = data
        self.directory = directory
        for commit in data.commits {
            if first[commit.replica] == nil { first[commit.replica] = commit.index }
            last[commit.replica] = commit.index
            for parent in commit.parents { children[parent, default: []].append(commit.index) }
        }
    }

    /// Replays one commit: hears, answers, writes what the person wrote, and passes it on.
    func replay(_ commit: UniGitData.Commit) throws {
        clock.set(commit.time)
        let replica = try replicas[commit.replica] ?? root(commit)
        replicas[commit.replica] = replica
        try receive(commit, replica)

        var truth = commit.parents.first.map { states[$0]! } ?? UniGitState()
        truth.apply(commit.operations)
        try answer(commit, replica, truth)
        try write(commit, replica, truth)
        _ = try replica.seal(actor: commit.replica, note: "")

        let lines = try lines(replica).map(\.line)
        guard UniGitState.hash(lines) == commit.hash else {
            throw Broken(description: "commit \(commit.index): \(lines.count) records, not those of the history")
        }
        let open = try replica.conflicts()
        guard open.isEmpty else { throw Broken(description: "commit \(commit.index): still open \(open)") }
        states[commit.index] = truth
        try passOn(commit, replica)
        try forget(commit)
    }

    /// The records of the replica of the last commit; a field that is absent is not there, one that is null is nil.
    func finalRecords() throws -> [String: [String: String?]] {
        try replicas[data.commits.last!.replica]!.read { db in
            var records: [String: [String: String?]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM universities") {
                var fields: [String: String?] = [:]
                for name in UniGitData.fields {
                    guard let json = row[name] as String? else { continue }
                    fields.updateValue(try JSONDecoder().decode(String?.self, from: Data(json.utf8)), forKey: name)
                }
                records[row["id"]] = fields
            }
            return records
        }
    }

    // MARK: - Hearing and passing on

    private func root(_ commit: UniGitData.Commit) throws -> Replica {
        guard commit.parents.isEmpty else { throw Broken(description: "commit \(commit.index) has no replica") }
        let columns = UniGitData.fields.map { ", \"\($0)\" TEXT" }.joined()
        let authority = Authority(schema: "CREATE TABLE universities (id TEXT PRIMARY KEY NOT NULL\(columns));")
        let enrolment = authority.enrol(name: commit.replica, displayName: commit.replica)
        return try Replica.create(at: file(commit.replica), enrolment: enrolment, clock: clock)
    }

    private func file(_ name: String) -> String {
        files += 1
        return "\(directory)/\(files)-\(name)"
    }

    private func receive(_ commit: UniGitData.Commit, _ replica: Replica) throws {
        for parent in commit.parents {
            guard let messenger = messengers.removeValue(forKey: [parent, commit.index]) else { continue }
            bundles[commit.index, default: []].append(try bundle(from: messenger, to: replica))
            try remove(messenger)
        }
        for path in bundles.removeValue(forKey: commit.index) ?? [] {
            _ = try replica.apply(path)
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func bundle(from sender: Replica, to receiver: Replica) throws -> String {
        let have = file("have")
        let path = file("bundle")
        _ = try receiver.have(to: have)
        _ = try sender.pack(for: have, to: path)
        try FileManager.default.removeItem(atPath: have)
        return path
    }

    /// What the children of this commit will build on is what this replica holds now, not what it may hold later.
    private func passOn(_ commit: UniGitData.Commit, _ replica: Replica) throws {
        for index in children[commit.index] ?? [] {
            let child = data.commits[index]
            if child.replica == commit.replica { continue }
            if first[child.replica] == index, child.parents[0] == commit.index {
                replicas[child.replica] = try copy(replica, child.replica)
            } else if let receiver = replicas[child.replica] {
                bundles[index, default: []].append(try bundle(from: replica, to: receiver))
            } else {
                messengers[[commit.index, index]] = try copy(replica, "messenger")
            }
        }
    }

    private var paths: [ObjectIdentifier: String] = [:]

    private func copy(_ replica: Replica, _ name: String) throws -> Replica {
        let path = file(name)
        let copy = try replica.duplicate(to: path, clock: clock)
        paths[ObjectIdentifier(copy)] = path
        return copy
    }

    private func forget(_ commit: UniGitData.Commit) throws {
        for parent in commit.parents where children[parent]!.last == commit.index { states[parent] = nil }
        let isLast = last[commit.replica] == commit.index && commit.index != data.commits.count - 1
        if isLast, let replica = replicas.removeValue(forKey: commit.replica) { try remove(replica) }
    }

    private func remove(_ replica: Replica) throws {
        try replica.close()
        guard let path = paths.removeValue(forKey: ObjectIdentifier(replica)) else { return }
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    // MARK: - What the person did

    /// Answers every open conflict by what the person kept.
    private func answer(_ commit: UniGitData.Commit, _ replica: Replica, _ truth: UniGitState) throws {
        for conflict in try replica.conflicts() {
            let key = conflict.key.display
            reported["\(conflict.kind)", default: []].append("\(commit.index) \(key)")
            if "\(conflict.kind)" == "values" {
                let field = UniGitData.fields.firstIndex(of: conflict.unit)!
                let kept = truth.records[key]?.fields[field]
                try replica.resolve(conflict.id, values: [kept.map { .text($0) } ?? .null])
            } else {
                try replica.resolve(conflict.id, keep: truth.records[key] == nil ? 2 : 1)
            }
        }
    }

    /// Writes the difference between what the merge made and what the person left, field by field.
    private func write(_ commit: UniGitData.Commit, _ replica: Replica, _ truth: UniGitState) throws {
        let merged = Dictionary(uniqueKeysWithValues: try lines(replica).map { ($0.key, $0.line) })
        let columns = UniGitData.fields.map { "\"\($0)\"" }
        try replica.write { db in
            for key in merged.keys where truth.records[key] == nil {
                try db.execute(sql: "DELETE FROM universities WHERE id = ?", arguments: [key])
            }
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO universities (id, \(columns.joined(separator: ", ")))
                    VALUES (?\(String(repeating: ", ?", count: columns.count)))
                    """)
            for (key, record) in truth.records where merged[key] != record.line {
                guard merged[key] != nil else {
                    try insert.execute(arguments: StatementArguments([key] + record.fields))
                    continue
                }
                let sql = "SELECT \(columns.joined(separator: ", ")) FROM universities WHERE id = ?"
                let old = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [key])!
                for (index, column) in columns.enumerated() where old[index] as String? != record.fields[index] {
                    let update = try db.cachedStatement(sql: "UPDATE universities SET \(column) = ? WHERE id = ?")
                    try update.execute(arguments: [record.fields[index], key])
                }
            }
        }
    }

    /// Every record of the replica's table, sorted by key, as the line that the history hashes.
    private func lines(_ replica: Replica) throws -> [(key: String, line: String)] {
        let fields = UniGitData.fields.map { "coalesce(',[\"\($0)\",' || \"\($0)\" || ']', '')" }
        let sql = """
            SELECT id, '["universities","' || id || '",[' || substr(\(fields.joined(separator: " || ")), 2) || ']]'
            FROM universities ORDER BY id
            """
        return try replica.read { db in
            var lines: [(key: String, line: String)] = []
            let rows = try Row.fetchCursor(db, sql: sql)
            while let row = try rows.next() { lines.append((row[0], row[1])) }
            return lines
        }
    }
}
