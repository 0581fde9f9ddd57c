import Foundation

extension Workload {
    /// Reads the workload from `clients.tsv`, `contacts.tsv`, `visits.tsv` and `updates.tsv`, columns in the order of
    /// the schema.
    init(folder: String) throws {
        self.init(clients: 1, visits: 0, updates: 0, seed: 1)
        let (integer, real): (Set<Int>, Set<Int>) = ([4, 5, 6, 9, 11, 12], [7, 8])
        clients = try Self.rows("\(folder)/clients.tsv", integers: [5, 6, 15, 16], reals: [])
        contacts = try Self.rows("\(folder)/contacts.tsv", integers: [6], reals: [])
        visits = try Self.rows("\(folder)/visits.tsv", integers: integer, reals: real)
        updates = try Self.lines("\(folder)/updates.tsv").map { line in
            let numeric = ["status", "credit", "level"].contains(line[0])
            let value: Field = numeric ? .integer(Int64(line[1]) ?? 0) : .text(line[1])
            return (line[0], [value, .text(line[2])])
        }
    }

    private static func rows(_ path: String, integers: Set<Int>, reals: Set<Int>) throws -> [[Field]] {
        try lines(path).map { line in
            line.enumerated().map { column, text in
                if integers.contains(column) { return .integer(Int64(text) ?? 0) }
                return reals.contains(column) ? .real(Double(text) ?? 0) : .text(text)
            }
        }
    }

    private static func lines(_ path: String) throws -> [[String]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
