public import SatchelModel

/// What counters showed here before merges changed them (INB-11).
extension Store {
    public struct FormerNumber: Sendable {
        public let unit: UnitID
        public let number: Int64
        /// The newest changeset that was known when it was changed.
        public let dot: DotID
    }

    /// The lists of `satchel_stood` in which they are: the numbers of a row, and the rows beside which a row counted.
    private static let numberList: Int64 = 5
    private static let besideList: Int64 = 6

    /// Those of a row.
    public func formerNumbers(_ h: Int64) throws -> [FormerNumber] {
        let select = try db.statement("SELECT id FROM satchel_stood WHERE h = ? AND list = ?")
        select.bind(1, h).bind(2, Self.numberList)
        var found: [FormerNumber] = []
        while try select.step() {
            let parts = select.string(0).split(separator: " ")
            guard parts.count == 3, let unit = UnitID(parts[0]), let dot = DotID(parts[1]), let number = Int64(parts[2])
            else { continue }
            found.append(FormerNumber(unit: unit, number: number, dot: dot))
        }
        return found
    }

    /// Notes what a counter showed before what was taken in now; what was noted of it before goes.
    ///
    /// - Parameter others: the rows that merges connect with this one: what they counted may be in the number.
    public func noteFormer(_ number: Int64, of unit: UnitID, _ h: Int64, with others: [Int64]) throws {
        try forgetFormerNumber(of: unit, h)
        let newest = try db.statement("SELECT max(id) FROM satchel_dot")
        let dot = try newest.step() ? newest.integer(0) : 0
        newest.reset()
        try addToList(h, Self.numberList, "\(unit) \(dot) \(number)")
        for other in others { try addToList(other, Self.besideList, String(h)) }
    }

    public func forgetFormerNumber(of unit: UnitID, _ h: Int64) throws {
        try db.statement("DELETE FROM satchel_stood WHERE h = ? AND list = ? AND id GLOB ?")
            .bind(1, h).bind(2, Self.numberList).bind(3, "\(unit) *").run()
    }

    /// Forgets those of a row, and of the rows beside which it counted, as when it goes.
    func forgetFormerNumbers(_ h: Int64) throws {
        try db.statement(
            "DELETE FROM satchel_stood WHERE list = ?2 AND h IN "
                + "(SELECT CAST(id AS INTEGER) FROM satchel_stood WHERE h = ?1 AND list = ?3 UNION SELECT ?1)"
        ).bind(1, h).bind(2, Self.numberList).bind(3, Self.besideList).run()
    }

    private func addToList(_ h: Int64, _ list: Int64, _ id: String) throws {
        try db.statement("INSERT OR IGNORE INTO satchel_stood(h, list, id) VALUES (?, ?, ?)")
            .bind(1, h).bind(2, list).bind(3, id).run()
    }
}
