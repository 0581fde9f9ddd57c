import Foundation
import Satchel
import SatchelModel

/// Replicas that meet without a hub.
class WithoutHubWorld {
    let folder = NSTemporaryDirectory() + "satchel-sideways-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Replicas of one data set. Each clock stands a second after the one before.
    func replicas(_ ddl: String, _ names: [String]) throws -> [Replica] {
        let authority = Authority(schema: ddl)
        return try names.enumerated().map { index, name in
            try Replica.create(
                at: "\(folder)/\(name)", enrolment: authority.enrol(name: name, displayName: name),
                clock: FixedClock(milliseconds: Int64(index + 1) * 1000))
        }
    }

    private struct FixedClock: WallClock {
        let milliseconds: Int64
        func now() -> Timestamp { Timestamp(milliseconds: milliseconds) }
    }

    func give(_ from: Replica, to: Replica) throws {
        let (have, side) = (folder + "/have", folder + "/side")
        try to.have(to: have)
        try from.pack(for: have, to: side)
        try to.apply(side)
    }
}
