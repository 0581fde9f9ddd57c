internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// The rows of one seal that merges touch, as they were: what one comes to hangs on the others (MRG-10, MRG-55), and the file has
/// them as people left them.
///
/// Merges are read once for all rows that they connect, however many of them are sealed.
final class SealedMerges {
    /// Holds the rows of the seal, and brings what merges connect with them.
    let batch: RowBatch
    /// What entering those that were not shown does to them, by hash, whatever the others come to.
    private var entered: [Int64: RowChange] = [:]
    /// Survivors of cycles with those: each lets go of its own merges by the first that is entered, by the hash of that.
    private var free: [Int64: HeldRow] = [:]
    private var isFree: Set<Int64> = []
    /// The rows that merges connect, as they do when all are entered.
    private var after: [ObjectIdentifier: RowBatch.MergedRows] = [:]

    init(_ store: Store) { batch = RowBatch(store: store) }

    /// Notes a row that is entered. All are to be noted before it is asked what any comes to.
    func enter(_ whole: Engine.Whole, as change: RowChange) {
        guard let own = whole.membership else { return }
        entered[whole.row.hash] = change
        guard let other = own.all.union.released(byUnmerging: own.place) else { return }
        let survivor = own.all.rows[other].held
        if isFree.insert(survivor.hash).inserted { free[whole.row.hash] = survivor }
    }

    /// The survivor of a cycle that lets go of its own merges when this row is entered.
    func freed(by row: HeldRow) -> HeldRow? { free[row.hash] }

    func isFree(_ row: HeldRow) -> Bool { isFree.contains(row.hash) }

    /// A row as merges connect it when all rows of the seal are entered.
    func then(_ whole: Engine.Whole) -> Engine.Whole {
        guard !entered.isEmpty, let membership = whole.membership else { return whole }
        let all = membership.all
        let then = after[ObjectIdentifier(all)] ?? entering(all)
        after[ObjectIdentifier(all)] = then
        if then === all { return whole }
        return Engine.Whole(
            row: whole.row, united: then.union.united(membership.place),
            membership: RowBatch.Membership(all: then, place: membership.place))
    }

    private func entering(_ all: RowBatch.MergedRows) -> RowBatch.MergedRows {
        let changes = all.rows.enumerated().compactMap { place, row in
            entered[row.held.hash].map { (place, $0) }
        }
        if changes.isEmpty { return all }
        return RowBatch.MergedRows(
            union: all.union.entering(Dictionary(uniqueKeysWithValues: changes), order: all.order), rows: all.rows,
            order: all.order, hasChanged: all.hasChanged)
    }
}
