import SatchelFieldwork

extension Territory {
    /// Reads clients.csv and visits.csv, and findings.csv if there is one, each plain or as .gz, from a folder.
    ///
    /// | file | columns | become |
    /// | --- | --- | --- |
    /// | clients | client_id; name, status, category, address, city, county, state, zip, district, assigned_to | client |
    /// | visits | visit_id, client_id; inspector, date, visit_type or type, notes | visit |
    /// | findings | visit_id; code, title, observations, corrective_actions | note and follow-up of the visit |
    ///
    /// Ids are kept. A client without a name goes by its address. A row that lacks its id, repeats one, or names a client that is not there is left out with a
    /// remark; the rest is read.
    static func read(folder: String, today: Day) throws -> Territory {
        guard let clients = try DataFile.table("clients", in: folder) else {
            throw DataError("\(folder) has neither clients.csv nor clients.csv.gz")
        }
        guard let visits = try DataFile.table("visits", in: folder) else {
            throw DataError("\(folder) has neither visits.csv nor visits.csv.gz")
        }
        return try Territory(
            clients: clients, visits: visits, findings: DataFile.table("findings", in: folder), today: today)
    }

    init(clients: CSVTable, visits: CSVTable, findings: CSVTable?, today: Day) throws(DataError) {
        self.init(staff: [], clients: [], contacts: [], plans: [], visits: [])
        try clients.require("client_id")
        try visits.require("visit_id", "client_id")
        try findings?.require("visit_id")
        let importTime = Moment(milliseconds: Int64(today.number ?? 0) * 86_400_000)
        read(clients: clients, at: importTime)
        read(visits: visits, findings: Findings(findings), at: importTime)
        staff = Self.staff(of: self.clients, self.visits)
    }

    private mutating func read(clients table: CSVTable, at importTime: Moment) {
        var known: Set<String> = []
        for row in table.rows {
            guard let id = table.value(row, "client_id") else {
                remarks.append("\(table.name), line \(row.line): no client_id")
                continue
            }
            guard known.insert(id).inserted else {
                remarks.append("\(table.name), line \(row.line): client_id \(id) stands there twice")
                continue
            }
            let owner = table.value(row, "assigned_to", "owner")
            let name = table.value(row, "name") ?? table.value(row, "address") ?? id
            var client = Client(id: id, name: name, by: owner ?? "import", at: importTime)
            client.creditCode = table.value(row, "credit_code")
            client.industry = table.value(row, "category")
            client.category = .enterprise
            client.lifecycle = table.value(row, "status").map(Self.lifecycle)
            client.street = table.value(row, "address")
            client.city = table.value(row, "city")
            client.county = table.value(row, "county")
            client.province = table.value(row, "state", "province")
            client.postcode = table.value(row, "zip", "postcode")
            client.district = table.value(row, "district")
            client.phone = table.value(row, "phone")
            client.owner = owner
            self.clients.append(client)
        }
    }

    private mutating func read(visits table: CSVTable, findings: Findings, at importTime: Moment) {
        let places = Dictionary(uniqueKeysWithValues: clients.map { ($0.id, $0.street) })
        var known: Set<String> = []
        for row in table.rows {
            guard let id = table.value(row, "visit_id"), let clientId = table.value(row, "client_id") else {
                remarks.append("\(table.name), line \(row.line): no visit_id or no client_id")
                continue
            }
            guard let place = places[clientId], known.insert(id).inserted else {
                let why = known.contains(id) ? "visit_id \(id) stands there twice" : "no client \(clientId)"
                remarks.append("\(table.name), line \(row.line): \(why)")
                continue
            }
            // Only the day is known: the visit begins at its midnight and does not end.
            let day = table.value(row, "date").flatMap { Day(rawValue: $0).number }
            let start = day.map { Moment(milliseconds: Int64($0) * 86_400_000) }
            let visitor = table.value(row, "inspector", "visitor") ?? "unknown"
            var visit = Visit(id: id, clientId: clientId, visitor: visitor, at: start ?? importTime)
            visit.startedAt = start
            visit.purpose = table.value(row, "visit_type", "type")
            visit.kind = visit.purpose.map(Self.kind)
            visit.place = place
            visit.note = findings.observations[id]?.joined(separator: "\n") ?? table.value(row, "notes", "note")
            visit.followUp = findings.actions[id]?.joined(separator: "\n")
            self.visits.append(visit)
        }
    }

    /// The words of the health departments' files; any other is kept as it is.
    private static func lifecycle(_ status: String) -> Client.Lifecycle {
        switch status {
        case "Permitted", "Inspect on Request", "Active": .active
        case "Pending": .prospect
        case "Surrendered", "Closed": .lost
        default: Client.Lifecycle(rawValue: status)
        }
    }

    private static func kind(_ type: String) -> Visit.Kind {
        switch type {
        case "Routine": .routine
        case "Follow-up": .returnVisit
        case "Complaint": .complaint
        default: Visit.Kind(rawValue: type)
        }
    }

    /// Everyone who owns a client or made a visit, those with the most clients first.
    private static func staff(of clients: [Client], _ visits: [Visit]) -> [Staff] {
        var owned: [String: Int] = [:]
        for visit in visits { owned[visit.visitor, default: 0] += 0 }
        for owner in clients.compactMap(\.owner) { owned[owner, default: 0] += 1 }
        let names = owned.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        return names.map { Staff(name: $0, district: "") }
    }

    /// What was found, and what was to be done about it, by visit.
    private struct Findings {
        var observations: [String: [String]] = [:]
        var actions: [String: [String]] = [:]

        init(_ table: CSVTable?) {
            guard let table else { return }
            for row in table.rows {
                guard let visit = table.value(row, "visit_id") else { continue }
                let head = [table.value(row, "code"), table.value(row, "title")].compactMap { $0 }.joined(
                    separator: " ")
                let text = [head, table.value(row, "observations") ?? ""].filter { !$0.isEmpty }
                observations[visit, default: []].append(text.joined(separator: ": "))
                if let action = table.value(row, "corrective_actions") { actions[visit, default: []].append(action) }
            }
        }
    }
}
