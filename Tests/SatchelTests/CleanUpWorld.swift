import Satchel
import SatchelHub
import SatchelTesting
import Testing

extension CleanUpWorld {
    /// Up and down again, one after another.
    func sync(_ devices: [String]) throws {
        for device in devices {
            try replica(device).pack(to: self["up"])
            let report = try hub.merge([self["up"]], replies: self["replies"])
            #expect(report.merged.allSatisfy { $0.outcome != .refused && $0.outcome != .failed }, "\(report.merged)")
            #expect(report.failures.isEmpty, "\(report.failures)")
            _ = try replica(device).apply(self["replies/\(device).satchel"])
        }
    }

    func expectEqual(_ names: [String]? = nil) throws {
        let expected = try hub.digest()
        for name in names ?? devices {
            #expect(try replica(name).digest() == expected, "\(name) holds something else than the hub")
        }
    }
}

extension ScriptClock {
    func advance(days: Int64) { advance(by: days * 86_400_000) }
}
