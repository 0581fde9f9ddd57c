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

    /// Existence, or a unit whose one column has its name.
    public init(_ name: String) { self.init(name: name, columns: name.isEmpty ? [] : [name]) }

    /// The columns that its name does not say already (BND-23).
    public var furtherColumns: [String] { columns == [name] ? [] : columns }
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

    /// Makes nothing: a section of rows in conflict is asked for each unit of each.
    public func isNamed(_ unit: UnitName) -> Bool { name == unit.name && tableColumns == unit.columns[...] }
}
