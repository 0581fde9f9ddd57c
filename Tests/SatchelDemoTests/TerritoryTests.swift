import GRDB
import SatchelFieldwork
import Testing

@testable import SatchelDemo

@Suite struct TerritoryTests {
    private let today = Day(rawValue: "2026-03-16")

    @Test func oneSeedMakesOneTerritory() {
        let size = Territory.Size(clients: 40, contacts: 90, visits: 100)
        let first = Territory.generated(seed: 7, today: today, size: size)
        let again = Territory.generated(seed: 7, today: today, size: size)
        #expect(first.clients == again.clients && first.contacts == again.contacts)
        #expect(first.visits == again.visits && first.plans == again.plans)
        #expect(Territory.generated(seed: 8, today: today, size: size).clients != first.clients)
    }

    @Test func theTerritoryIsWholeAndPlausible() throws {
        let territory = Territory.generated(seed: 1, today: today)
        #expect(territory.clients.count == 400 && territory.contacts.count == 1200 && territory.visits.count == 2000)
        #expect(territory.clients.allSatisfy { $0.creditCode.flatMap(CreditCode.init) != nil })
        #expect(Set(territory.clients.map(\.creditCode)).count == 400, "no two share a credit code")
        #expect(Set(territory.clients.map(\.name)).count == 400, "no two share a name")
        #expect(
            territory.visits.allSatisfy { $0.createdAt.day.rawValue < today.rawValue }, "all visits lie in the past")
        #expect(Set(territory.clients.compactMap(\.tier)) == [.key, .ordinary, .small])
    }

    @Test func theTablesTakeItWithForeignKeysOn() throws {
        let territory = Territory.generated(seed: 1, today: today)
        let queue = try DatabaseQueue()
        try queue.write { db in
            try db.execute(sql: Fieldwork.schema)
            for client in territory.clients { try client.insert(db) }
            for contact in territory.contacts { try contact.insert(db) }
            for plan in territory.plans { try plan.insert(db) }
            for visit in territory.visits { try visit.insert(db) }
            #expect(try Client.fetchAll(db).count == 400)
        }
    }
}
