internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Numbers that a program wrote back over what others had counted meanwhile (INB-11).
extension Engine {
    /// Lists an ordinary write of a counter that moves it against what came in since the record was last sealed here. Who
    /// writes the number again has it before them: what was listed of it goes.
    func noteUnseenCount(
        _ write: UnitWrite, of unit: TableSchema.Unit, _ authored: Authored, as dot: DotID, isSeen: Bool
    ) throws {
        let (touch, layout) = (authored.touch, authored.layout)
        let id = Conflict.id(table: layout.schema.name, key: touch.key, unit: unit.name)
        if try store.hasOverwrites() { try store.forgetUnseen(id) }
        let hash = store.rowHash(touch.table, touch.key)
        guard let former = try store.formerNumbers(hash).first(where: { $0.unit == write.unit }) else { return }
        try store.forgetFormerNumber(of: write.unit, hash)
        guard !isSeen, let column = unit.columns.first, case .integer(let shown)? = touch.old?[column],
            case .integer(let new)? = touch.new?[column],
            let counted = Counter(addedBy: write, as: touch.steps(of: column).map { $0.id }),
            former.number < shown ? counted.sum < 0 : former.number > shown && counted.sum > 0,
            try !authored.dots.contains(where: { try $0 > former.dot && isOwn($0) }),
            let was = try replaced(write, authored).filter({ try !isOwn($0.dot) }).max(by: { $0.dot < $1.dot })
        else { return }
        // Of a merged row what it counted is in the number, whether this write covers it or not (MRG-54).
        let others = authored.merged(in: write.unit).map { store.rowHash(touch.table, $0) }
        try store.keep(
            KeptUnseen(
                id: id, table: layout.id, unit: write.unit, key: touch.key, dot: dot, wasDot: was.dot,
                was: [.integer(shown), .blob(counted.bytes)], values: [.integer(new)]),
            with: authored.renewed.map(\.row.hash) + others)
    }

    /// What a listed write of a counter added; nil: it is of no counter.
    func counted(by kept: KeptUnseen) -> Counter? {
        guard kept.was.count == 2, case .blob(let bytes) = kept.was[1],
            store.rules(kept.table)[kept.unit]?.policy == .counter
        else { return nil }
        return Counter(bytes: bytes)
    }

    /// Whether what was listed counts still, and nobody here has written the number since.
    func stands(_ counted: Counter, of kept: KeptUnseen, in state: RowState) throws -> Bool {
        let candidates = state[kept.unit]
        return try counted.stands(in: candidates) && !candidates.contains { try $0.dot > kept.dot && isOwn($0.dot) }
    }

    /// The change that takes such a write out of the number that is shown.
    func takingOut(_ counted: Counter, of kept: KeptUnseen, on united: UnitedState) throws -> RowChange {
        let verdict = try store.judge(united, table: kept.table)
        guard case .integer(let number)? = verdict.shown(kept.unit)?.values.first,
            !verdict.conflicts.contains(kept.unit)
        else {
            throw UsageError(
                "several numbers stand against each other there", try: "decide that first: `conflicts` lists them")
        }
        return try store.writing(on: united, table: kept.table).update(
            [counted.takenOut(of: number, in: kept.unit)], on: united.state)
    }
}
