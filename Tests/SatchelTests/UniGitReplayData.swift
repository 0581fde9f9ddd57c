import Crypto
import Foundation
import GRDB

/// Real concurrent edits of a registry of universities, as its public history holds them: commits, and what each
/// changed against its first parent.
struct UniGitData {
    /// All field names that were ever used, in byte order.
    static let fields = [
        "alpha_two_code", "country", "domain", "domains", "name", "state-province", "web_page", "web_pages",
    ]

    struct Commit {
        var index: Int
        var parents: [Int]
        var replica: String
        /// Milliseconds. The clocks of people: a child may be older than its parent.
        var time: Int64
        /// Hash of the whole state after the commit.
        var hash: String
        var operations: [Operation]
    }

    struct Operation {
        /// `I` a new record's field, `U` a field set, `X` a field removed, `D` the record removed.
        var kind: String
        var key: String
        var field: String
        /// As JSON: `null` and a removed field are two things.
        var json: String
    }

    var commits: [Commit]
    /// Commit and key of each record that one side of a merge had deleted and the other had changed.
    var deletedAgainstChanged: Set<[String]>
    /// The end state: for each key its fields.
    var final: [String: [String: String?]]

    /// The folder with the data, beside the package or where `SATCHEL_SHARED` says; nil where there is none.
    static var source: String? {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared = ProcessInfo.processInfo.environment["SATCHEL_SHARED"] ?? package.path + "/../shared"
        let file = shared + "/data/uni_git/uni_git.sqlite.gz"
        if FileManager.default.fileExists(atPath: file) { return file }
        print("skipped: the replay of the real history needs \(file)")
        return nil
    }

    init(unpackingTo directory: String) throws {
        let file = directory + "/uni_git-\(UUID()).sqlite"
        FileManager.default.createFile(atPath: file, contents: nil)
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        gzip.arguments = ["-dc", Self.source!]
        gzip.standardOutput = FileHandle(forWritingAtPath: file)
        try gzip.run()
        gzip.waitUntilExit()
        defer { try? FileManager.default.removeItem(atPath: file) }

        (commits, deletedAgainstChanged, final) = try DatabaseQueue(path: file).read { db in
            var commits = try Row.fetchAll(
                db, sql: "SELECT idx, parents, replica, author_ts * 1000, state_sha256 FROM commits ORDER BY idx"
            ).map { row in
                Commit(
                    index: row[0], parents: try JSONDecoder().decode([Int].self, from: Data((row[1] as String).utf8)),
                    replica: row[2], time: row[3], hash: row[4], operations: [])
            }
            let operations = try Row.fetchCursor(
                db, sql: "SELECT commit_idx, op, key, field, new FROM ops ORDER BY commit_idx, seq")
            while let row = try operations.next() {
                commits[row[0]].operations.append(
                    Operation(kind: row[1], key: row[2], field: row[3] ?? "", json: json(row[4])))
            }
            let conflicts = try Row.fetchAll(
                db, sql: "SELECT DISTINCT idx, key FROM merge_conflicts WHERE v0 IS NULL OR v1 IS NULL"
            ).map { [String($0[0] as Int), $0[1] as String] }
            var final: [String: [String: String?]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT key, json FROM final") {
                let fields = try JSONDecoder().decode([String: String?].self, from: Data((row[1] as String).utf8))
                final[row[0]] = fields
            }
            return (commits, Set(conflicts), final)
        }
    }
}

/// The records of the registry at one commit, each with the line by which the history's own hash runs over it.
struct UniGitState {
    struct Record {
        /// As JSON, in the order of `UniGitData.fields`; nil: the record has no such field.
        var fields: [String?]
        var line: String

        init(key: String, fields: [String?]) {
            self.fields = fields
            line = UniGitState.line(key: key, fields: fields)
        }
    }

    private(set) var records: [String: Record] = [:]

    mutating func apply(_ operations: [UniGitData.Operation]) {
        var touched: [String: [String?]?] = [:]
        for operation in operations {
            let key = operation.key
            let absent = [String?](repeating: nil, count: UniGitData.fields.count)
            if operation.kind == "D" {
                touched.updateValue(nil, forKey: key)
                continue
            }
            var fields = (touched[key] ?? records[key]?.fields) ?? absent
            fields[UniGitData.fields.firstIndex(of: operation.field)!] = operation.kind == "X" ? nil : operation.json
            touched[key] = fields
        }
        for (key, fields) in touched { records[key] = fields.map { Record(key: key, fields: $0) } }
    }

    static func line(key: String, fields: [String?]) -> String {
        let present = zip(UniGitData.fields, fields).compactMap { name, json in json.map { "[\"\(name)\",\($0)]" } }
        return "[\"universities\",\"\(key)\",[\(present.joined(separator: ","))]]"
    }

    /// The hash that the history states, over lines sorted by key.
    static func hash(_ lines: some Sequence<String>) -> String {
        var hash = SHA256()
        for line in lines { hash.update(data: Data(line.utf8)) }
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// One JSON string as Python writes it without escaping what is not ASCII.
private func json(_ text: String?) -> String {
    guard let text else { return "null" }
    var out = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": out += "\\\""
        case "\\": out += "\\\\"
        case "\n": out += "\\n"
        case "\r": out += "\\r"
        case "\t": out += "\\t"
        case "\u{8}": out += "\\b"
        case "\u{c}": out += "\\f"
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out + "\""
}
