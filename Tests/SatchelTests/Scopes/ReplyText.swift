import Satchel
import SatchelModel

@testable import SatchelWire

/// Everything that a bundle says, as text: each item with each of its fields.
func inspectedItems(_ path: String, as reader: Replica) throws -> String {
    try reader.withEngine { engine in
        var items: [String] = []
        try engine.verify(path).forEach { item in items.append(describe(item)) }
        return items.joined(separator: "\n")
    }
}

private func describe(_ item: BundleItem) -> String {
    if case .state(let section) = item {
        let keys = (0..<section.rows).map { row in RowKey(section.keys.map { $0[row] }).display }
        let values = section.units.flatMap { unit in
            unit.values.flatMap { column in (0..<column.count).map { column[$0] } }
        }
        let detailed = section.detailed.map { "\($0.key.display) \($0.state)" }
        return
            "state \(section.table) \(section.keyColumns) \(section.units.map(\.name)) \(keys) \(values.map(\.display)) "
            + "\(section.base) \(section.overrides) \(detailed) gone \(section.gone.map(\.display))"
    }
    return "\(item)"
}
