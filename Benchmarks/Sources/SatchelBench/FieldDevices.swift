import Foundation
import Satchel
import SatchelHub

/// Devices that were at the hub with their twenty clients on an earlier day, and the bundle of a day of each.
struct FieldDevices {
    let days: [Day]
    let bundles: [String]
    /// Seconds that it took to make the hub know all devices, and to play the days.
    let enrolling: Double
    let playing: Double

    /// - Parameter known: how many devices the hub is to know.
    /// - Parameter count: how many of them have a day to hand in.
    init(_ hub: Hub, known: Int, count: Int, bench: Bench) throws {
        let enrolments = try bench.freshFolder("enrolments")
        try FileManager.default.createDirectory(atPath: enrolments, withIntermediateDirectories: true)
        let meter = Meter(countsProcessorTime: false)
        enrolling = try meter.seconds {
            _ = try hub.enrol(
                (0..<known).map { (name: Self.name($0), displayName: "", path: "\(enrolments)/\(Self.name($0))") })
        }
        let days = (0..<count).map { Day(worker: $0, seed: 20_240_602) }
        var bundles: [String] = []
        playing = try meter.seconds {
            for number in days.indices { bundles.append(try Self.play(days[number], number, hub, enrolments, bench)) }
        }
        self.days = days
        self.bundles = bundles
    }

    private static func name(_ number: Int) -> String { "d-\(number)" }

    private static func play(
        _ day: Day, _ number: Int, _ hub: Hub, _ enrolments: String, _ bench: Bench
    ) throws -> String {
        let path = try bench.fresh("device.db")
        let device = try Replica.create(
            at: path, enrolment: Enrolment(contentsOf: "\(enrolments)/\(name(number))"), anchors: .none)
        let db = PlainSQLite(path, .normal)
        db.forEach(day.clients[...], perTransaction: .max, Workload.clientInsert)
        let (up, reply, bundle) = (bench.folder + "/up", bench.folder + "/reply", bench.folder + "/day-\(number)")
        try device.pack(to: up)
        try check(try hub.merge([up]).merged[0].outcome == .applied, "the hub takes twenty clients")
        try hub.pack(for: name(number), to: reply)
        try device.apply(reply)
        for quarter in day.quarters {
            db.begin()
            for write in quarter { db.once(write.sql, write.values) }
            db.commit()
            try device.seal()
        }
        try device.pack(to: bundle)
        try device.close()
        return bundle
    }
}
