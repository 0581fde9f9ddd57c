internal import SatchelMerge
public import SatchelModel
internal import SatchelStore

/// A row that is held and cannot be shown, with all that a person needs to judge it (P15).
public struct SetAside: Sendable {
    public enum Kind: String, Sendable {
        /// Something that it refers to is not here, or is set aside itself.
        case waiting
        /// Its table refuses it: CHECK, NOT NULL, UNIQUE.
        case refused
        /// Part of it is not here.
        case incomplete
        /// Its table is not known here.
        case unknown
        /// Something that it refers to is deleted (`cascade`).
        case fallen
    }

    public let table: String
    public let key: RowKey
    public let kind: Kind
    /// Why, in a sentence.
    public let reason: String
    /// Whether it can be changed, deleted, and merged into another: its table is not `appendOnly` (CAP-17).
    public let canBeChanged: Bool
    /// The columns that are known here, and what the row would show in them.
    public let columns: [String]
    public let values: [Value]
    /// The changesets under which it is held, the newest last.
    public let authors: [Conflict.Writer]
}

extension Engine {
    package func aside() throws -> [Status.Aside] {
        try Self.asideFates.flatMap { fate, _, words in
            try store.graves(fate).map { grave in
                Status.Aside(
                    table: store.tableName(grave.table), key: grave.key,
                    reason: grave.reason.isEmpty ? words : "\(words): \(grave.reason)")
            }
        }
    }

    private static let asideFates: [(Fate, SetAside.Kind, String)] = [
        (.orphaned, .waiting, "a row that it refers to is not here"), (.refused, .refused, "its table refuses it"),
        (.incomplete, .incomplete, "part of it is not here"), (.unknown, .unknown, "its table is not known here"),
        (.fallen, .fallen, "a row that it refers to is deleted, or merged into another"),
    ]

    /// Why a row is set aside; nil: it is not.
    static func words(of fate: Fate) -> String? { asideFates.first { $0.0 == fate }?.2 }

    /// Everything that is set aside, by kind, table and key. O(rows set aside).
    package func setAside() throws -> [SetAside] {
        try Self.asideFates.flatMap { fate, kind, words in
            try store.graves(fate).map { grave in
                let row = try store.load(table: grave.table, key: grave.key)
                // With what stands on rows merged into it, which it would show too (MRG-54).
                let verdict = try judged(row)
                var columns: [String] = []
                var values: [Value] = []
                for unit in verdict.shown {
                    let names = store.unitColumns(unit.unit, table: grave.table)
                    columns += names
                    values += unit.values.prefix(names.count)
                }
                return SetAside(
                    table: store.tableName(grave.table), key: grave.key, kind: kind,
                    reason: grave.reason.isEmpty ? words : "\(words): \(grave.reason)",
                    canBeChanged: store.layout(grave.table)?.schema.appendOnly != true,
                    columns: try store.keyColumns(grave.table) + columns,
                    values: grave.key.values + values,
                    authors: try writers(Array(Set(row.state.held.map(\.dot)))))
            }
        }
    }

    /// Judges everything that is set aside once more (MRG-49). Returns how many rows are shown that were not.
    package func retryAside() throws -> Int {
        try seal()
        store.watchAside()
        let batch = newBatch()
        try batch.recallUnseen()
        try batch.settle()
        return try store.movedAside().came
    }

    /// Seals, in the caller's transaction. Returns how many rows that put aside: what somebody enters may take the place that
    /// one of their rows would come back to, or bring one back that takes its place (MRG-22).
    func sealCountingAside() throws -> Int {
        store.watchAside()
        try seal()
        return try store.movedAside().went
    }
}
