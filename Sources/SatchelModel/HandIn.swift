/// One life of a hub: a hub that was restored or rebuilt begins another (EXC-28).
public struct HubEpoch: Hashable, Sendable {
    public var number: UInt64
    /// The position at which it begins: up to there it has the log of the one before.
    public var start: UInt64

    public init(number: UInt64, start: UInt64) {
        self.number = number
        self.start = start
    }
}

/// A point in a hub's log.
public struct HubPoint: Hashable, Sendable {
    public var epoch: UInt64
    public var position: UInt64

    public init(epoch: UInt64, position: UInt64) {
        self.epoch = epoch
        self.position = position
    }
}

extension [HubEpoch] {
    /// Up to where whoever lived in `epoch` holds what the newest one holds: the least start of those after it. Of a life
    /// that this hub knows nothing of, it was put back to before it or rebuilt, nothing is known to be the same.
    public func start(after epoch: UInt64) -> UInt64 {
        guard contains(where: { $0.number == epoch }) else { return 0 }
        return filter { $0.number > epoch }.map(\.start).min() ?? .max
    }
}

/// What stands before the rows that a device hands in to a restored hub: what their states follow from (EXC-29).
public struct HandIn: Hashable, Sendable {
    /// Where the device stood with the hub that is gone.
    public var point: HubPoint
    /// What it knows beyond the hub's log up to the start of the next epoch.
    public var known: [Dot]
    /// Of which the hub that is gone had set a row aside: the rows do not follow from them.
    public var aside: [Dot]
    /// What the hub that is gone had said is lost (EXC-31).
    public var lost: [Dot]

    public init(point: HubPoint, known: [Dot], aside: [Dot] = [], lost: [Dot] = []) {
        self.point = point
        self.known = known
        self.aside = aside
        self.lost = lost
    }
}
