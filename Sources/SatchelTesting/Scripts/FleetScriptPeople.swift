internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelStore

/// A text that somebody entered, told from all others.
struct FleetText {
    let text: String
    let table: String
    let id: String
    /// The clients that it stands on or was ever said to belong to.
    var clients: Set<String>
    let author: String
    /// Somebody who held it wrote something in its place, deleted or merged it, or decided.
    var isSpent = false
}

/// What people do in a fleet, and what of the texts they held is spent by it.
extension FleetScript {
    /// Of the acts those upon what is there.
    private static let corrections = [10, 11, 11, 11, 11, 11, 12, 13, 14, 15, 16, 17, 17, 17, 17, 17, 18, 19]

    func write(_ replica: Replica, _ name: String) throws {
        let client = client()
        let other = client.last == "0" ? "c1" : "c0"
        let visit = visit()
        let text = "第\(texts.count)号"
        let owner = random.pick(["a", "b", "c"])
        let act = isRich && random.chance(70) ? random.pick(Self.corrections) : Int.random(in: 0..<20, using: &random)
        let isClient = act < 6 || (10..<16).contains(act)
        let (table, id) = isClient ? ("client", client) : ("visit", visit)
        let isThere = try replica.read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id = ?)", arguments: [id]) ?? false
        }
        let above = random.chance(20) && client != other ? other : nil
        var enters = false
        let (sql, arguments): (String, [(any DatabaseValueConvertible)?])
        switch act {
        case 0..<6:
            if isThere { return }
            enters = true
            (sql, arguments) = ("INSERT INTO client VALUES (?, ?, ?, 'N', ?)", [client, text, owner, above])
            if let above { connect(client, above) }
        case 6..<10:
            if isThere { return }
            enters = true
            (sql, arguments) = ("INSERT INTO visit VALUES (?, ?, ?)", [visit, client, text])
        case 10..<12:
            enters = isThere
            (sql, arguments) = ("UPDATE client SET name = ? WHERE id = ?", [text, client])
        case 12..<14: (sql, arguments) = ("UPDATE client SET owner = ? WHERE id = ?", [owner, client])
        case 14: (sql, arguments) = ("UPDATE client SET district = ? WHERE id = ?", [random.pick(["N", nil]), client])
        case 15: (sql, arguments) = ("DELETE FROM client WHERE id = ?", [client])
        case 16..<18:
            enters = isThere
            (sql, arguments) = ("UPDATE visit SET note = ? WHERE id = ?", [text, visit])
        case 18: (sql, arguments) = ("UPDATE visit SET client = ? WHERE id = ?", [client, visit])
        default: (sql, arguments) = ("DELETE FROM visit WHERE id = ?", [visit])
        }
        let held = try held(replica, table, id)
        let belongsTo = isClient ? [client] : try clients(replica, ofVisit: visit)
        do {
            try replica.write { try $0.execute(sql: sql, arguments: StatementArguments(arguments)) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return
        }
        stage.tell("\(name): \(sql) \(arguments.map { "\($0 ?? "NULL")" })")
        if enters || sql.hasPrefix("DELETE") { spend(held) }
        if act == 18 {
            for place in texts.indices where texts[place].id == visit { texts[place].clients.insert(client) }
        }
        if enters {
            texts.append(
                FleetText(
                    text: text, table: table, id: id, clients: Set(act < 10 ? [client] : belongsTo), author: name))
        }
        try replica.seal()
    }

    func merge(_ replica: Replica) throws {
        let (one, other) = (client(), client())
        guard one != other else { return }
        let held = try held(replica, "client", one) + held(replica, "client", other)
        do {
            if random.chance(75) {
                try replica.merge(RowKey([.text(one)]), into: RowKey([.text(other)]), in: "client")
                stage.tell("\(replica.name) merges \(one) into \(other)")
            } else {
                try replica.unmerge(RowKey([.text(one)]), in: "client")
                stage.tell("\(replica.name) unmerges \(one)")
            }
        } catch is UsageError {
            return  // one of them is not there, or not merged
        } catch is WouldHide {
            return
        }
        connect(one, other)
        spend(held)
    }

    /// Decides a conflict, or takes a decision back.
    func decide(_ replica: Replica) throws {
        if random.chance(25) {
            guard let decision = try replica.decisions().first else { return }
            do { try replica.undoDecision(decision.conflict) } catch is UsageError { return } catch is WouldHide {
                return
            } catch is WouldNotAsk {
                return
            }
            stage.tell("\(replica.name) takes back what was decided of \(decision.conflict)")
            return
        }
        let open = try replica.conflicts().filter { $0.candidates.count > 1 }
        guard !open.isEmpty else { return }
        let conflict = random.pick(open)
        guard case .text(let bytes)? = conflict.key.values.first else { return }
        let held = try held(replica, conflict.table, String(decoding: bytes, as: UTF8.self))
        let number = Int.random(in: 1...conflict.candidates.count, using: &random)
        do { try replica.resolve(conflict.id, keep: number) } catch is UsageError { return } catch is WouldHide {
            return
        }
        stage.tell("\(replica.name) decides \(conflict.id) of \(conflict.key.display): \(number)")
        spend(held.filter { text in !conflict.candidates[number - 1].values.contains(.text(Array(text.utf8))) })
    }

    // MARK: - Bookkeeping

    private func connect(_ one: String, _ other: String) { connected.append([one, other]) }

    func spend(_ held: [String]) {
        let held = Set(held)
        for place in texts.indices where held.contains(texts[place].text) { texts[place].isSpent = true }
    }

    func clients(_ replica: Replica, ofVisit visit: String) throws -> [String] {
        try replica.read { try String.fetchAll($0, sql: "SELECT client FROM visit WHERE id = ?", arguments: [visit]) }
    }

    /// Every text that a replica holds of a row, or of rows that merges connect with it.
    func held(_ replica: Replica, _ table: String, _ id: String) throws -> [String] {
        try replica.withEngine { engine in
            let store = engine.store
            guard let number = store.layout(named: table)?.id else { return [] }
            var keys: Set<RowKey> = [RowKey([.text(Array(id.utf8))])]
            var open = Array(keys)
            var found: [String] = []
            while let key = open.popLast() {
                let row = try store.load(table: number, key: key)
                for unit in row.state.units {
                    for case .text(let bytes) in unit.candidates.flatMap(\.values) {
                        found.append(String(decoding: bytes, as: UTF8.self))
                    }
                }
                for next in try row.state.deletions.compactMap(\.into) + store.merged(into: row.hash)
                where keys.insert(next).inserted {
                    open.append(next)
                }
            }
            return found
        }
    }
}
