import Foundation
import Satchel
import SatchelFieldwork
import SatchelHub

/// One day of five people and a hub, from loading the territory to the last digest.
///
/// Nothing here is faked: every step goes through the library as an app's would, and the account at the end is read
/// back from the replicas.
struct Play {
    let console: Console
    let folder: String
    let territory: Territory
    let cast: Cast
    let hub: Hub
    let devices: [Device]
    /// What came out, in the order in which it was found.
    var account = Account()

    /// Tablets whose names say nothing; the fourth has a clock that is years slow, the fifth is never online.
    static let deviceCount = 5
    static let slowClockYears = 6
    static let yearMilliseconds: Int64 = 365 * 86_400_000

    /// Creates the hub and the devices in an empty folder.
    init(territory: Territory, folder: String, seed: UInt64, console: Console) throws {
        self.console = console
        self.folder = folder
        self.territory = territory
        cast = try Cast(territory)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty else {
            throw DataError("\(folder) is not empty; the play wants a folder of its own")
        }
        try FileManager.default.createDirectory(atPath: "\(folder)/shared", withIntermediateDirectories: true)
        let hub = try Hub.create(at: "\(folder)/hub", schema: Fieldwork.schema)
        self.hub = hub
        var random = SplitMix64(seed: seed ^ 0x6461_79)
        devices = try (0..<Self.deviceCount).map { index in
            let name = "tablet-\(index + 1)"
            let person = index < territory.staff.count ? territory.staff[index].name : "员工\(index + 1)"
            let skew = index == 3 ? -Int64(Self.slowClockYears) * Self.yearMilliseconds : 0
            return try Device(
                name: name, person: person, path: "\(folder)/\(name).sqlite",
                enrolment: hub.enrol(name: name, displayName: person), clock: SkewedClock(skewMilliseconds: skew),
                random: SplitMix64(seed: random.next()))
        }
    }

    /// Where everyone but the fifth meets the hub.
    var sharedFolder: String { "\(folder)/shared" }
    var stick: String { "\(folder)/stick" }

    /// Plays the whole day. True if everything that the account checks holds.
    mutating func run() throws -> Bool {
        let start = ContinuousClock.now
        try morning()
        let loaded = ContinuousClock.now
        try day()
        try noon()
        try afternoon()
        let parted = ContinuousClock.now
        try evening()
        account.took = (loaded - start, parted - loaded, ContinuousClock.now - parted)
        try account.print(of: self)
        for device in devices { try device.replica.close() }
        try hub.close()
        return account.holds
    }

    /// Everyone meets the hub until nothing moves any more. Returns how many rounds moved something.
    func meetHub(_ occasion: String) throws -> Int {
        for round in 1...8 {
            var moved = Traffic()
            for device in devices.dropLast() { moved += try device.sync(through: sharedFolder) }
            try hub.sync(folder: sharedFolder).checkNothingRefused()
            if let last = devices.last { moved += try last.carry(to: hub, on: stick) }
            console.step("\(occasion), round \(round): \(moved.isEmpty ? "quiet" : "\(moved.rows) rows moved")")
            if moved.isEmpty { return round - 1 }
        }
        throw DataError("\(occasion): changes still moved after eight rounds")
    }
}
