internal import Foundation
internal import Satchel
internal import SatchelModel
internal import SatchelStore

/// What a device would get.
public struct ScopePreview: Sendable {
    public var scopes: [String]
    /// Rows that the reply would hold, dead ones included.
    public var rows: Int
    /// Bytes of the reply's file.
    public var bytes: Int
    /// Rows that people would see, by table.
    public var tables: [(table: String, rows: Int)]
}

extension Hub {
    /// What a device served these scopes would get if it came fresh (SCO-26). Changes nothing. O(rows of the scopes).
    public func preview(scopes names: [String]) throws -> ScopePreview {
        try undone { engine in
            let book = ScopeBook(engine.store)
            return try preview(try names.map { try book.id(of: $0) }, names: names, engine)
        }
    }

    /// The same of a device as it is granted now.
    public func preview(device: String) throws -> ScopePreview { try preview(scopes: try granted(device)) }

    /// The same of rules that are not made yet.
    public func preview(rules: [String]) throws -> ScopePreview {
        try undone { engine in
            let name = "preview-" + Engine.randomBytes(8).hex
            try setScope(name, rules: rules, engine)
            return try preview([try ScopeBook(engine.store).id(of: name)], names: [], engine)
        }
    }

    private func preview(_ ids: [Int64], names: [String], _ engine: Engine) throws -> ScopePreview {
        try engine.seal()
        try Membership.follow(engine, ScopeBook(engine.store))
        return try withStandIn(ids, engine) { replica, report in
            ScopePreview(
                scopes: names, rows: report.rows, bytes: report.bytes,
                tables: try replica.status().rows.map { (table: $0.table, rows: $0.count) })
        }
    }

    /// Runs `body` in a transaction of which nothing remains.
    private func undone<T>(_ body: (Engine) throws -> T) throws -> T {
        return try replica.withEngine { engine in
            var result: T?
            do {
                try engine.transaction {
                    result = try body(engine)
                    throw Undo()
                }
            } catch is Undo {}
            guard let result else { throw StoreError("a preview came to nothing") }
            return result
        }
    }
}

/// Ends the transaction of a preview.
private struct Undo: Error {}
