public import SatchelModel

/// A reference by names that stay the same, whatever becomes of the table or the columns here.
public struct NamedReference: Hashable, Sendable {
    public let child: Int64
    /// The names under which the columns travel, in the order of the parent's key.
    public let columns: [String]
    public let parent: Int64
}

/// Which references the schema declares, and which it declared of tables and columns that it has no more: what is kept of
/// these for others still says whom it is about (ERA-11).
extension Store {
    /// The references among some tables that the merge can keep up (SCH-6). Sorted as they are declared.
    ///
    /// - Parameter policy: only those of this policy; nil: all.
    public func references(
        among tables: [TableSchema], of policy: ReferencePolicy? = nil
    ) throws -> [NamedReference] {
        try tables.flatMap { child in
            try child.references.compactMap { reference in
                if let policy, reference.policy != policy { return nil }
                let name = reference.parent.lowercased()
                guard let parent = tables.first(where: { $0.name.lowercased() == name }),
                    let columns = reference.columns(toKeyOf: parent)
                else { return nil }
                return try NamedReference(
                    child: tableID(child), columns: columns.map { child.columns[$0].identity },
                    parent: tableID(parent))
            }
        }
    }

    /// Those of tables and columns that the schema had once and has no more, by table and columns.
    public func droppedReferences() throws -> [NamedReference] { try notedReferences().filter(isDropped) }

    /// Notes what the schema declares. A reference that is taken back, while its columns stay, is none any more.
    func noteReferences() throws {
        let noted = try notedReferences()
        let declared = try references(among: layouts.map(\.schema))
        for reference in noted where !declared.contains(reference) && !isDropped(reference) {
            try run("DELETE FROM satchel_reference WHERE child = ? AND columns = ? AND parent = ?", of: reference)
        }
        let new = declared.filter { !noted.contains($0) }
        for reference in new {
            try run("INSERT OR IGNORE INTO satchel_reference(child, columns, parent) VALUES (?, ?, ?)", of: reference)
        }
        if !new.isEmpty { try noteUnfollowed() }
    }

    /// Whether rows may refer to an erased row unnoticed, since a reference or an order is new here (ERA-11).
    public func hasUnfollowed() throws -> Bool { try meta("erasures_unfollowed") != nil }

    /// Without orders there is nothing to follow.
    public func noteUnfollowed() throws {
        if try hasAny("satchel_erasure") { try setMeta("erasures_unfollowed", .integer(1)) }
    }

    public func forgetUnfollowed() throws { try setMeta("erasures_unfollowed", nil) }

    private func isDropped(_ reference: NamedReference) -> Bool {
        guard let layout = layout(reference.child) else { return true }
        let present = layout.schema.columns.map(\.identity)
        return !reference.columns.allSatisfy(present.contains)
    }

    private func run(_ sql: String, of reference: NamedReference) throws {
        try db.statement(sql).bind(1, reference.child).bind(2, reference.columns.joined(separator: "\u{1F}"))
            .bind(3, reference.parent).run()
    }

    private func notedReferences() throws -> [NamedReference] {
        let select = try Statement(
            db, "SELECT child, columns, parent FROM satchel_reference ORDER BY child, columns, parent")
        var found: [NamedReference] = []
        while try select.step() {
            found.append(
                NamedReference(
                    child: select.integer(0),
                    columns: select.string(1).split(separator: "\u{1F}").map(String.init), parent: select.integer(2)))
        }
        return found
    }
}
