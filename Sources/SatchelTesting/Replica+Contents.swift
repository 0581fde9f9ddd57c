internal import GRDB
internal import Satchel
internal import SatchelModel
internal import SatchelStore

extension Replica {
    /// Every row of every table as plain SQL reads it.
    func contents(of schema: Schema) throws -> [NaiveRowName: [Value]] {
        try read { db in
            var rows: [NaiveRowName: [Value]] = [:]
            for table in schema.tables {
                let columns = table.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
                for row in try Row.fetchAll(db, sql: "SELECT \(columns) FROM \"\(table.name)\"") {
                    let values = Array(row.databaseValues).map { Value($0) }
                    rows[NaiveRowName(table: table.name, key: RowKey(table.key.map { values[$0] }))] = values
                }
            }
            return rows
        }
    }
}

extension NaiveModel {
    /// In which rows and conflicts a replica is not what the rules make of the changes.
    func difference(from replica: Replica) throws -> String {
        let due = view().shown
        let real = try replica.contents(of: schema)
        let rows = Set(due.keys).union(real.keys).sorted().filter { due[$0] != real[$0] }.map {
            "\($0) is \(real[$0].map { $0.map(\.display) } as Any), due \(due[$0].map { $0.map(\.display) } as Any)"
        }
        let listed = Set(try replica.conflicts().map(\.id))
        let wanted = conflicts()
        let unlisted = try wanted.filter { !listed.contains($0.id) }.map { conflict in
            let state = try replica.withEngine { engine in
                try engine.store.layout(named: conflict.row.table).map {
                    try engine.store.load(table: $0.id, key: conflict.row.key).state
                }
            }
            return "\(conflict) is not listed: \(state as Any)"
        }
        let undue = listed.subtracting(wanted.map(\.id)).sorted().map { "conflict \($0) is not due" }
        return (rows + unlisted + undue).joined(separator: "; ")
    }
}
