import Foundation
import SatchelFieldwork
import Testing

@testable import SatchelDemo

/// The play of Tools/demo, reduced.
@Suite struct PlayTests {
    private let today = Day(rawValue: "2026-03-16")

    private func play(_ territory: Territory, seed: UInt64) throws -> (holds: Bool, account: Account) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var play = try Play(territory: territory, folder: folder, seed: seed, console: Console(isQuiet: true))
        return (try play.run(), play.account)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func aDayOfFivePeopleEndsWithEverythingTrue(_ seed: UInt64) throws {
        let size = Territory.Size(clients: 60, contacts: 80, visits: 40)
        let (holds, account) = try play(.generated(seed: seed, today: today, size: size), seed: seed)
        #expect(holds, "\(account.claims.filter { !$0.holds }.map(\.text))")
        #expect(account.claims.count >= 15, "nothing was left unchecked")
        #expect(account.found.filter { $0.decision == nil }.count == 1, "one conflict is left to the watcher")
        #expect(account.newVisits == Play.deviceCount * Play.visitsEach)
    }

    @Test func aClaimHoldsOnlyIfItHeldEverywhere() {
        var account = Account()
        account.check("a", true)
        account.check("b", true)
        account.check("a", false)
        account.check("a", true)
        #expect(!account.holds && account.claims.map(\.holds) == [false, true])
    }

    @Test(.enabled(if: CSVTests.shared != nil)) func aDayOnAHealthDepartmentsFilesEndsWithEverythingTrue() throws {
        let folder = try #require(CSVTests.shared) + "/data/va_health"
        let (holds, account) = try play(.read(folder: folder, today: today), seed: 1)
        #expect(holds, "\(account.claims.filter { !$0.holds }.map(\.text))")
    }
}
