extension Workload {
    static func update(_ column: String) -> String { "UPDATE client SET \(column) = ? WHERE id = ?" }

    static let wholeRowUpdate =
        "UPDATE contact SET client_id = ?, name = ?, title = ?, mobile = ?, email = ?, is_primary = ?, note = ? WHERE id = ?"

    /// What an object mapper writes to change one column of each contact.
    var wholeRows: [[Field]] {
        contacts.map { row in Array(row[1...6]) + [.text("改"), row[0]] }
    }

    /// The first of `divisor` parts: fewer rows of the same kind. Updates are of clients that are in it.
    func part(_ divisor: Int) -> Workload {
        var part = self
        part.clients = Array(clients.prefix(clients.count / divisor))
        part.contacts = Array(contacts.prefix(contacts.count / divisor))
        part.visits = Array(visits.prefix(visits.count / divisor))
        let held = Set(part.clients.map { $0[0] })
        part.updates = updates.filter { held.contains($0.values[1]) }
        return part
    }

    /// Inserts the clients and contacts in one transaction each.
    func loadFiles(into db: PlainSQLite) {
        db.forEach(clients[...], perTransaction: .max, Self.clientInsert)
        db.forEach(contacts[...], perTransaction: .max, Self.contactInsert)
    }

    /// Inserts the visits in one transaction.
    func loadVisits(into db: PlainSQLite) { db.forEach(visits[...], perTransaction: .max, Self.visitInsert) }
}
