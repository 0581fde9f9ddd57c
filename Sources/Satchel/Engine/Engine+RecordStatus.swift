internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// How far one record has come (INB-13): from the writes that stand in it, never from what last succeeded.
extension Engine {
    /// O(writes that stand in the record).
    package func status(table name: String, key: RowKey) throws -> RecordStatus {
        let layout = try layout(named: name)
        let row = try store.load(table: layout.id, key: key)
        let unsealed = try store.hasNotes(layout, key)
        if case .absent = row.place, !unsealed {
            throw UsageError("no such record is held here", try: "check the table and the key")
        }
        var level = unsealed ? RecordStatus.Level.localOnly : .everywhere
        let state = try whole(row).united.plain
        let dots = Set(state.held.map(\.dot) + row.state.deletions.map(\.dot))
        for dot in dots { level = min(level, try self.level(dot)) }
        // What came to count later than it came is known to those who came since.
        if let moved = try store.movedAt(row.hash), try moved > everywhere { level = min(level, .atHub) }
        var isShown = false
        var isDeleted = false
        switch row.place {
        case .table: isShown = true
        case .grave(let fate): isDeleted = fate == .dead
        case .absent: isDeleted = true
        }
        return RecordStatus(
            level: dots.isEmpty ? .localOnly : level, isUnsealed: unsealed, isShown: isShown,
            isDeleted: isDeleted, conflicts: try store.conflicts(of: row.hash))
    }

    /// The position that every live device has claimed.
    var everywhere: UInt64 { get throws { UInt64(clamping: try store.metaInteger("everywhere") ?? 0) } }

    private func level(_ dot: DotID) throws -> RecordStatus.Level {
        if isHub {
            guard let arrival = try store.changeset(dot)?.arrival else { return .atHub }
            return try arrival <= everywhere ? .everywhere : .atHub
        }
        if try store.standing(of: dot) == .pending {
            let isOwn = try isOwnLine(store.order(dot).dot.origin)
            return try isOwn && store.made(dot) == nil ? .localOnly : .packed
        }
        guard try store.isTold(store.order(dot).dot) else { return .localOnly }
        // It was there; the hub was put back since.
        if try mustHandIn { return .packed }
        let bound = try store.positionBound(dot)
        return try bound > 0 && bound <= everywhere ? .everywhere : .atHub
    }
}
