public import SatchelModel

/// What is kept beside rows for undo and of overwrites, and on which rows its values stood (INB-12).
extension Store {
    /// What a row was when candidates of its existence came that a keep wrote, by the number of the list.
    public enum Met: Int64, CaseIterable, Sendable {
        /// It was in its table already, and all of its existence came anew.
        case stayed = 2
        /// It came back to its table with them.
        case returned = 4
    }

    /// Notes what a row was when these candidates of its existence came; what was noted of it before goes.
    public func note(_ met: Met, _ h: Int64, _ existence: [DotID]) throws {
        try forgetMet(h)
        for dot in existence {
            try db.statement("INSERT OR IGNORE INTO satchel_stood(h, list, id) VALUES (?, ?, ?)")
                .bind(1, h).bind(2, met.rawValue).bind(3, String(dot)).run()
        }
    }

    public func has(_ met: Met, _ h: Int64, _ existence: DotID) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_stood WHERE h = ? AND list = ? AND id = ?")
        select.bind(1, h).bind(2, met.rawValue).bind(3, String(existence))
        defer { select.reset() }
        return try select.step()
    }

    private func forgetMet(_ h: Int64) throws {
        for met in Met.allCases {
            try db.statement("DELETE FROM satchel_stood WHERE h = ? AND list = ?").bind(1, h).bind(2, met.rawValue)
                .run()
        }
    }

    /// The lists of what is kept.
    enum KeptList: Int64, CaseIterable {
        case decision = 0
        case overwrite = 1

        /// Its table, and the column by which what is in it is called.
        var place: (table: String, id: String) {
            switch self {
            case .decision: ("satchel_decision", "conflict")
            case .overwrite: ("satchel_overwrite", "id")
            }
        }
    }

    /// Replaces the list of other rows on which the values of something kept stood.
    func setStood(_ list: KeptList, _ id: String, on rows: [Int64]) throws {
        try db.statement("DELETE FROM satchel_stood WHERE list = ? AND id = ?").bind(1, list.rawValue).bind(2, id).run()
        for row in rows {
            try db.statement("INSERT OR IGNORE INTO satchel_stood(h, list, id) VALUES (?, ?, ?)")
                .bind(1, row).bind(2, list.rawValue).bind(3, id).run()
        }
    }

    func stood(_ list: KeptList, _ id: String) throws -> [Int64] {
        let select = try db.statement("SELECT h FROM satchel_stood WHERE list = ? AND id = ?")
        select.bind(1, list.rawValue).bind(2, id)
        var rows: [Int64] = []
        while try select.step() { rows.append(select.integer(0)) }
        return rows
    }

    /// Forgets what is kept beside a row, and beside others of values that stood on it, as when the row goes.
    public func forgetInbox(_ h: Int64) throws {
        if try hasAny("satchel_stood") {
            for list in KeptList.allCases {
                let (table, id) = list.place
                try db.statement(
                    "DELETE FROM \(table) WHERE \(id) IN (SELECT id FROM satchel_stood WHERE h = ? AND list = ?)"
                ).bind(1, h).bind(2, list.rawValue).run()
            }
            try forgetSaved(beside: h)
            try forgetFormerNumbers(h)
            try db.statement("DELETE FROM satchel_stood WHERE h = ?").bind(1, h).run()
        }
        try forgetOwnInbox(h)
    }

    /// Forgets what is kept beside a row alone: its values lie elsewhere still, as in the archive.
    func forgetOwnInbox(_ h: Int64) throws {
        let isStood = try hasAny("satchel_stood")
        if isStood {
            try forgetMet(h)
            try forgetFormerNumbers(h)
        }
        for list in KeptList.allCases {
            let (table, id) = list.place
            if isStood {
                try db.statement(
                    "DELETE FROM satchel_stood WHERE list = ? AND id IN (SELECT \(id) FROM \(table) WHERE h = ?)"
                ).bind(1, list.rawValue).bind(2, h).run()
            }
            try db.statement("DELETE FROM \(table) WHERE h = ?").bind(1, h).run()
        }
        try forgetSaved(h, isStood: isStood)
    }
}
