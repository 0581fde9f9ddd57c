internal import Satchel
internal import SatchelModel
internal import SatchelStore

/// Third devices that are served rows of a handover too (SCO-24).
extension Hub {
    typealias NumberedScope = (id: Int64, definition: ScopeDefinition)

    /// The others with their scopes. Who was shut out or given up is not asked, and who is served everything loses nothing.
    func otherDevices(_ report: HandoverReport, _ engine: Engine) throws -> [(name: String, scopes: [NumberedScope])] {
        let book = ScopeBook(engine.store)
        let scopes = Dictionary(uniqueKeysWithValues: try book.scopes().map { ($0.id, $0.definition) })
        return try Registry(engine.store).devices().filter { $0.retired == nil }.compactMap { device in
            guard device.name != report.former, device.name != report.successor,
                try engine.revocation(ofToken: device.tokenKey) == nil
            else { return nil }
            let granted = try book.granted(device.name)
            if granted.contains(ScopeBook.all) { return nil }
            return (device.name, granted.compactMap { id in scopes[id].map { (id, $0) } })
        }
    }

    func servedToo(_ devices: [String]) -> String {
        let more = devices.count == 1 ? "" : " and \(devices.count - 1) more"
        return "\(devices[0])\(more) \(devices.count == 1 ? "is" : "are") served them too"
    }

    /// Tells of a row which others would lose it by another owner: those in whose scopes it is by a condition or a reference
    /// that reads the owner's column, and by nothing that would hold of it afterwards. Nil: no rule of theirs is such.
    ///
    /// Membership has followed what is sealed. What a reference would lead to is not looked at: then the row stays.
    func whoWouldLose(
        _ owner: HandoverReport.Owner, _ layout: TableLayout, _ report: HandoverReport, _ engine: Engine
    ) throws -> (([Value]) throws -> [String])? {
        let devices = try otherDevices(report, engine)
        var met: Set<Int64> = []
        let all = devices.flatMap(\.scopes).filter { met.insert($0.id).inserted }
        let reading = try Set(all.filter { try reads(owner.place, of: layout, $0, engine) }.map(\.id))
        if reading.isEmpty { return nil }
        let matcher = try ScopeMatcher(all, store: engine.store)
        let rows = MembershipStore(engine.store)
        let references = engine.scopeReferences()
        return { row in
            let key = layout.key(of: row)
            let facts = try engine.scopeFacts(table: layout.id, key: key, references: references)
            let core = try Set(rows.present(facts.hash).filter(\.value).keys)
            if core.isDisjoint(with: reading) { return [] }
            var values = facts.values ?? row
            values[owner.place] = owner.becomes
            let after = try matcher.matches([(layout.id, values)])[0].union(core.subtracting(reading))
            return devices.filter { device in
                let served = Set(device.scopes.map(\.id))
                return !served.isDisjoint(with: core) && served.isDisjoint(with: after)
            }.map(\.name)
        }
    }

    /// Whether a scope finds rows of the table by more than a value, and in doing so reads the column.
    private func reads(_ column: Int, of layout: TableLayout, _ scope: NumberedScope, _ engine: Engine) throws -> Bool {
        let isMore = scope.definition.rules.contains { rule in
            guard rule.table == layout.schema.name else { return false }
            return switch rule.kind {
            case .condition, .within: true
            case .all, .by: false
            }
        }
        return try isMore && ScopeMatcher([scope], store: engine.store).decides(layout.id, column: column)
    }
}
