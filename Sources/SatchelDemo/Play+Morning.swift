import GRDB
import Satchel
import SatchelFieldwork

extension Play {
    /// The first tablet brings the territory in; everyone takes it home.
    mutating func morning() throws {
        console.heading("Morning", "早上")
        let territory = territory
        console.step("a hub and \(devices.count) tablets, each with its own key and certificate")
        for remark in territory.remarks.prefix(5) { console.step("left out: \(remark)") }
        if territory.remarks.count > 5 { console.step("left out: \(territory.remarks.count - 5) rows more") }
        try devices[0].replica.write { db in
            for client in territory.clients { try client.insert(db) }
            for contact in territory.contacts { try contact.insert(db) }
            for plan in territory.plans { try plan.insert(db) }
            for visit in territory.visits { try visit.insert(db) }
        }
        try devices[0].replica.seal(actor: devices[0].person, note: "territory loaded")
        let loaded = [
            ("clients", territory.clients.count), ("contacts", territory.contacts.count),
            ("plans", territory.plans.count), ("visits", territory.visits.count),
        ]
        let words = loaded.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        console.step("\(devices[0].person) loads \(words)")
        account.morningRounds = try meetHub("everyone takes the territory")
        let behind = try devices[3].replica.status().clockOffset
        let skew = Int64(Self.slowClockYears) * Self.yearMilliseconds
        account.check("the slow tablet learned how far its clock is behind", abs(behind - skew) < 60_000)
        let held = try devices.map { try $0.count("SELECT count(*) FROM client") }
        account.check("every tablet holds the territory", held.allSatisfy { $0 == territory.clients.count })
    }
}
