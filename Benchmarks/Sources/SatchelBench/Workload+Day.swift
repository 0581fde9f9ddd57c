/// One day of a field worker: what each of its four seals holds.
struct Day {
    struct Write: Hashable {
        let sql: String
        let values: [Field]
    }

    /// The worker's own clients, entered on an earlier day.
    let clients: [[Field]]
    /// In each, five visits and fifty single-column edits.
    let quarters: [[Write]]

    /// 20 visits to 20 clients, and 200 edits of them.
    init(worker: Int, seed: UInt64) {
        // The vocabulary comes from one seed, so that all speak the same language.
        var text = FieldText(seed: seed)
        text.restart(from: seed &+ UInt64(worker) &* 0x1000_0001)
        clients = (0..<20).map { Workload.client(worker * 20 + $0, &text) }
        let ids = clients.map { $0[0] }
        quarters = (0..<4).map { quarter in
            let visits = (0..<5).map { visit in
                Write(sql: Workload.visitInsert, values: Workload.visit(of: ids[quarter * 5 + visit], day: 200, &text))
            }
            let edits = (0..<50).map { _ -> Write in
                let update = Workload.update(of: ids[text.below(ids.count)], &text)
                return Write(sql: Workload.update(update.column), values: update.values)
            }
            return visits + edits
        }
    }

    /// What is left of it at the end of each quarter, which is what a bundle holds: of several edits of one cell, the
    /// last.
    var net: [Write] {
        quarters.flatMap { quarter in
            var last: [String: [Field: Int]] = [:]
            for (place, write) in quarter.enumerated() { last[write.sql, default: [:]][write.cell] = place }
            return quarter.enumerated().filter { place, write in last[write.sql]?[write.cell] == place }.map(\.element)
        }
    }
}

extension Day.Write {
    /// A visit's own key, or the client whose column is set.
    fileprivate var cell: Field { sql == Workload.visitInsert ? values[0] : values[1] }
}
