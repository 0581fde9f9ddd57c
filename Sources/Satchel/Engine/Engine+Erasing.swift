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

    /// A content without what was erased by orders that its author had not carried out; nil: it has nothing of it.
    ///
    /// `following`: also rows that name an erased row, where the order says so. That is for what arrives after the
    /// order; rows that stood in a hub's state were named by the order themselves.
    func erasing(_ content: Content, by head: ChangesetHeader, following: Bool) throws -> Content? {
        let index = try erasures()
        guard index.hasUnseen(by: head.clock) else { return nil }
        let naming = try following ? Naming(store) : nil
        return try content.erasing { section, row in
            let key = section.key(row)
            let found = index.erased(section.table, key, by: head.clock)
            if found == .whole { return found }
            if let into = section.into,
                index.erased(section.table, RowKey(into.map { $0[row] }), by: head.clock) == .whole
            {
                return .whole
            }
            guard let naming else { return found }
            let name = RowBatch.RowName(
                table: try store.tableID(section.table, key: section.keyColumns), key: key)
            for reference in naming.from(name.table) {
                switch section.parentKey(reference.columns, row) {
                case .none: continue
                case .part: doubtfulErasures.insert(name)
                case .whole(let parent):
                    let table = store.tableName(reference.parent)
                    guard index.erased(table, parent, by: head.clock, following: true) == .whole else { continue }
                    derivedErasures.insert(name)
                    return .whole
                }
            }
            return found
        }
    }

    /// What a changeset that arrives says, without what was erased.
    func content(of changeset: SealedChangeset, following: Bool = true) throws -> Content {
        let content = try ContentCoding.decode(changeset.content)
        return try erasing(content, by: changeset.head, following: following) ?? content
    }

    /// A changeset with what was erased taken out and vouched for: at the hub any, on a device one of its own. Nil: there
    /// is nothing to take out.
    func redacted(_ changeset: SealedChangeset, following: Bool) throws -> SealedChangeset? {
        guard try erasures().hasUnseen(by: changeset.head.clock), unreadable(changeset) == nil else { return nil }
        let content = try ContentCoding.decode(changeset.content)
        guard let rest = try erasing(content, by: changeset.head, following: following) else { return nil }
        return changeset.redacted(to: ContentCoding.encode(rest), by: isHub ? .hub : .author, key: key)
    }

    /// Whether a line is this device's, in whatever incarnation.
    func isOwnLine(_ other: OriginID) throws -> Bool {
        Certificate.deviceKey(of: try store.author(other)) == certificate.deviceKey
    }
}

extension Section {
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
