internal import Foundation
public import SatchelModel

/// Where a replica reads the time. Passed in, so that tests can be wrong by a century.
public protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// The machine's own clock.
public struct SystemClock: WallClock {
    public init() {}

    public func now() -> Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
