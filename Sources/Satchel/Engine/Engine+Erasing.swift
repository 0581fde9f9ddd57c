internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Leaving out of changesets what was erased (ERA-4 to ERA-6).
extension Engine {
    /// The orders held here; read once in each transaction, since another program may have added some.
    func erasures() throws -> ErasureIndex {
        if let index = erasureIndex { return index }
        let index = ErasureIndex(
            try store.erasures().map { try SignedErasure(decoding: $0).order }, on: try store.epochs())
        erasureIndex = index
        return index
    }

    /// A content without what was erased by orders that its author had not carried out, and without `others`; nil: it has
    /// nothing of these. Rows that only refer to an erased one stay: who judges them is said in `ready`.
    func erasing(
        _ content: Content, by head: ChangesetHeader, and others: [RowBatch.RowName: Erased] = [:]
    ) throws -> Content? {
        let index = try erasures()
        guard index.hasUnseen(by: head.clock) || !others.isEmpty else { return nil }
        var naming: Naming?
        return try content.erasing { section, row in
            let key = section.key(row)
            let share = index.share(section.table, key, by: head.clock)
            var found = share.erased
            if found == .whole { return found }
            if !share.cut.isEmpty {
                let known = try naming ?? Naming(store)
                naming = known
                let cut = try named(share.cut, section, row, by: known)
                if !cut.isEmpty { found = found?.joined(with: .units(cut)) ?? .units(cut) }
            }
            // Merged into a row whose order nothing follows, it would lie merged into nothing.
            if let into = section.mergedInto(row), index.erased(section.table, into, by: head.clock) == .whole,
                index.erased(section.table, into, by: head.clock, following: true) == nil
            {
                return .whole
            }
            if others.isEmpty { return found }
            let table = try store.tableID(section.table, key: section.keyColumns)
            guard let other = others[.init(table: table, key: key)] else { return found }
            return found?.joined(with: other) ?? other
        }
    }

    /// Of units in which references are cut, those in which a changeset names what was erased whole, or a part of what may be: who
    /// names another knows nothing that was erased (ERA-1).
    private func named(
        _ cut: [ErasureOrder.Unit], _ section: Section, _ row: Int, by naming: Naming
    ) throws -> [ErasureOrder.Unit] {
        let (index, table) = (try erasures(), try store.tableID(section.table, key: section.keyColumns))
        let loose = naming.from(table).filter { naming.isLoose($0) }
        if loose.isEmpty { return cut }
        var columns: Set<String> = []
        for reference in loose {
            switch section.parentKey(reference.columns, row) {
            case .none: continue
            case .part: columns.formUnion(reference.columns)
            case .whole(let parent):
                if !index.followed(store.tableName(reference.parent), parent).isEmpty {
                    columns.formUnion(reference.columns)
                }
            }
        }
        if columns.isEmpty { return [] }
        let named = Set(try looseUnits(columns, table: table).map(\.name))
        return cut.filter { named.contains($0.name) }
    }

    /// Rows that a changeset makes refer to rows which were erased with all that refers to them, or that take over what was
    /// erased (ERA-6).
    struct Referring {
        var whole: Set<RowBatch.RowName> = []
        /// Of these it says a part of what they refer to.
        var part: Set<RowBatch.RowName> = []
        /// Rows that it makes do so by loose references, with the columns of these.
        var loose: [RowBatch.RowName: Set<String>] = [:]
        /// Rows to which it writes what a merge took over, in the units that hold that.
        var taken: TakenOver = [:]

        var all: Set<RowBatch.RowName> { named.union(taken.keys) }
        var named: Set<RowBatch.RowName> { whole.union(part).union(loose.keys) }
    }

    /// - Parameter batch: the rows under work, where the changeset is about to be applied.
    func referring(_ changeset: SealedChangeset, batch: RowBatch? = nil) throws -> Referring {
        var found = Referring()
        let (index, clock) = (try erasures(), changeset.head.clock)
        guard index.hasUnseen(by: clock) || !derived.taken.isEmpty, unreadable(changeset) == nil else { return found }
        let naming = try Naming(store)
        let content = try ContentCoding.decode(changeset.content)
        found.taken = try takenOver(in: content, by: clock, batch: batch)
        for section in content.sections {
            let table = try store.tableID(section.table, key: section.keyColumns)
            for row in 0..<section.rows {
                let name = RowBatch.RowName(table: table, key: section.key(row))
                func isErased(_ parent: RowKey, in table: String) -> Bool {
                    index.erased(table, parent, by: clock, following: true) == .whole
                }
                if let into = section.mergedInto(row), isErased(into, in: section.table) { found.whole.insert(name) }
                for reference in naming.from(table) {
                    switch section.parentKey(reference.columns, row) {
                    case .none: continue
                    case .part: found.part.insert(name)
                    case .whole(let parent):
                        guard isErased(parent, in: store.tableName(reference.parent)) else { continue }
                        if naming.isLoose(reference) {
                            found.loose[name, default: []].formUnion(reference.columns)
                        } else {
                            found.whole.insert(name)
                        }
                    }
                }
            }
        }
        return found
    }

    /// What a changeset that is kept or arrives says, without what was erased.
    func content(of changeset: SealedChangeset) throws -> Content {
        let content = try ContentCoding.decode(changeset.content)
        return try erasing(content, by: changeset.head) ?? content
    }

    /// A changeset with what was erased taken out, and `others`, and vouched for: at the hub any, on a device one of its own.
    /// Nil: there is nothing to take out.
    func redacted(
        _ changeset: SealedChangeset, and others: [RowBatch.RowName: Erased] = [:]
    ) throws -> SealedChangeset? {
        guard try erasures().hasUnseen(by: changeset.head.clock) || !others.isEmpty, unreadable(changeset) == nil else {
            return nil
        }
        let content = try ContentCoding.decode(changeset.content)
        guard let rest = try erasing(content, by: changeset.head, and: others) else { return nil }
        return changeset.redacted(to: ContentCoding.encode(rest), by: isHub ? .hub : .author, key: key)
    }

    /// Whether a changeset says something of an erased row, or of one that refers to it or took something over from it.
    func saysErased(_ changeset: SealedChangeset) throws -> Bool {
        if try redacted(changeset) != nil { return true }
        let found = try referring(changeset)
        return !found.whole.isEmpty || !found.loose.isEmpty || !found.taken.isEmpty
    }

    /// Whether a line is this device's, in whatever incarnation.
    func isOwnLine(_ other: OriginID) throws -> Bool {
        Certificate.deviceKey(of: try store.author(other)) == certificate.deviceKey
    }
}

extension Section {
    /// The row that one is merged into.
    func mergedInto(_ row: Int) -> RowKey? { into.map { columns in RowKey(columns.map { $0[row] }) } }

    /// What it writes of the key that a row refers to.
    fileprivate enum ParentKey {
        case none
        case part
        case whole(RowKey)
    }

    fileprivate func parentKey(_ columns: [String], _ row: Int) -> ParentKey {
        var values: [Value] = []
        var isWritten = false
        for name in columns {
            if let place = keyColumns.firstIndex(of: name) {
                values.append(keys[place][row])
            } else if let part = units.first(where: { $0.columns.contains(name) }),
                let place = part.columns.firstIndex(of: name)
            {
                values.append(part.values[place][row])
                isWritten = true
            }
        }
        if values.contains(.null) { return .none }
        if values.count == columns.count { return .whole(RowKey(values)) }
        return isWritten ? .part : .none
    }
}
