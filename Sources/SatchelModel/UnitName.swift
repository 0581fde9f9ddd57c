/// What a unit is told by among those of its table: its name and the columns that it has, in their order (VER-13).
///
/// Two programs may give one name to other columns, and neither may stop the others.
public struct UnitName: Hashable, Sendable {
    public var name: String
    /// The names under which they travel. None: the row's existence.
    public var columns: [String]

    public init(name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }

    private static let separator: Character = "\u{1F}"

    /// As covers name it (BND-23): by its name alone, if that is also its one column's.
    public var covered: String {
        columns == [name] || columns.isEmpty ? name : ([name] + columns).joined(separator: String(Self.separator))
    }

    public init(covered: String) {
        let parts = covered.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
        name = parts[0]
        columns = parts.count > 1 ? Array(parts.dropFirst()) : name.isEmpty ? [] : [name]
    }
}

extension TableSchema {
    /// How its units travel.
    public var unitNames: [UnitName] {
        units.map { unit in UnitName(name: unit.name, columns: unit.columns.map { columns[$0].identity }) }
    }
}

extension UnitPart {
    public var unitName: UnitName { UnitName(name: name, columns: Array(tableColumns)) }
}

extension StateSection.UnitColumns {
    public var unitName: UnitName { UnitName(name: name, columns: Array(tableColumns)) }
}
