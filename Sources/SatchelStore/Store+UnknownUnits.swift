public import SatchelModel

/// Values of columns that the schema here does not have, of tables that it has: they may name any row (EXC-23).
extension Store {
    /// The units that were met and that their table does not have here, by table.
    public func unknownUnits() throws -> [Int64: Set<UnitID>] {
        let select = try db.statement("SELECT tbl, id FROM satchel_unit WHERE id < ?")
        select.bind(1, Int64(RowState.firstSystemUnit))
        var found: [Int64: Set<UnitID>] = [:]
        while try select.step() {
            let unit = UnitID(truncatingIfNeeded: select.integer(1))
            guard let layout = layout(select.integer(0)), layout.unit(unit) == nil else { continue }
            found[layout.id, default: []].insert(unit)
        }
        return found
    }

    /// Calls `body` with each candidate that is held of units of these numbers, in whatever table, and the number of its row: all that
    /// no table shows. O(rows whose clock says more than one dot, and rows not shown).
    ///
    /// - Parameter units: nil: all.
    public func forEachCandidate(of units: Set<UnitID>?, _ body: (Int64, [Value]) throws -> Void) throws {
        func look(_ h: Int64, _ state: RowState) throws {
            for unit in state.units where units?.contains(unit.unit) ?? (unit.unit < RowState.firstSystemUnit) {
                for candidate in unit.candidates { try body(h, candidate.values) }
            }
        }
        let clocks = try Statement(db, "SELECT h, detail FROM satchel_row WHERE detail IS NOT NULL")
        while try clocks.step() {
            var reader = RowReader(clocks.bytes(1))
            // What stands in its table is of a unit that the table has.
            try look(clocks.integer(0), reader.state { _ in [] })
        }
        let graves = try Statement(db, "SELECT h, state FROM satchel_grave")
        while try graves.step() {
            var reader = RowReader(graves.bytes(1))
            try look(graves.integer(0), reader.state())
        }
    }
}
