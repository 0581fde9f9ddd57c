package import SatchelModel

/// A row by its table, as numbered here, and its key.
package struct HeldRowName: Hashable, Comparable, Sendable {
    package let table: Int64
    package let key: RowKey

    package init(table: Int64, key: RowKey) {
        self.table = table
        self.key = key
    }

    package static func < (a: Self, b: Self) -> Bool { a.table != b.table ? a.table < b.table : a.key < b.key }
}
