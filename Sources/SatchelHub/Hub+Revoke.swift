public import Satchel
internal import SatchelStore

/// What a hub keeps without letting it count, and whom it has shut out (REV-1 to REV-6).
public struct Quarantine: Sendable {
    public struct Entry: Sendable {
        public let dot: Dot
        public let device: String
        public let time: Timestamp
        public let rows: Int
    }

    public struct Revoked: Sendable {
        public let device: String
        public let time: Timestamp
    }

    public var revoked: [Revoked] = []
    /// Changesets of revoked devices, made after the cut, in order of arrival.
    public var changesets: [Entry] = []
}

extension Hub {
    /// Shuts a device out for good. What it has handed in stays; whatever else it made has no effect anywhere, and is
    /// kept. It gets nothing more.
    public func revoke(_ name: String) throws {
        try replica.withEngine { engine in
            try engine.transaction {
                let registry = Registry(engine.store)
                let device = try registry.device(named: name)
                guard try engine.revocation(ofToken: device.tokenKey) == nil else {
                    throw UsageError("\(name) was revoked already", try: "list what it made since with `quarantine`")
                }
                try engine.revoke(tokenKey: device.tokenKey, name: name)
                try registry.retire(name, at: engine.clock.now())
            }
        }
    }

    func isRevoked(_ device: Device) throws -> Bool {
        try replica.withEngine { engine in
            try engine.reading { try engine.revocation(ofToken: device.tokenKey) != nil }
        }
    }

    public func quarantine() throws -> Quarantine {
        try replica.withEngine { engine in
            try engine.reading {
                var quarantine = Quarantine()
                for device in try Registry(engine.store).devices() {
                    guard let revocation = try engine.revocation(ofToken: device.tokenKey) else { continue }
                    quarantine.revoked.append(.init(device: device.name, time: revocation.time))
                }
                quarantine.changesets = try engine.quarantined().map {
                    .init(dot: $0.dot, device: $0.device, time: $0.time, rows: $0.rows)
                }
                return quarantine
            }
        }
    }

    /// Lets changesets in quarantine count after all, by their names as `quarantine` lists them, or all of a device.
    ///
    /// Returns how many. Throws `UsageError` for a name that is not in quarantine, or that names two.
    @discardableResult
    public func release(_ names: [String], ofDevice device: String? = nil) throws -> Int {
        try replica.withEngine { engine in
            try engine.transaction {
                let held = try engine.quarantined()
                var dots = held.filter { $0.device == device }.map(\.dot)
                for name in names {
                    let one = try Self.one(name, of: held, by: \.dot, "in quarantine", command: "quarantine")
                    if !dots.contains(one.dot) { dots.append(one.dot) }
                }
                guard !dots.isEmpty else {
                    throw UsageError("nothing was named that is in quarantine", try: "list what is there")
                }
                try engine.release(dots)
                return dots.count
            }
        }
    }
}
