internal import SatchelModel
internal import SatchelStore
internal import SatchelTransport

/// What one visit to a drop folder did.
public struct SyncReport: Sendable {
    /// What became of the hub's bundle; nil: there was none.
    public var received: ApplyReport?
    /// Why the hub's bundle was refused; nil: it was not.
    public var refused: String?
    /// What was left there for the hub; nil: the hub has everything and knows that we know.
    public var sent: PackReport?
}

extension Replica {
    /// Meets the hub at a folder or a USB stick: takes what lies there for this device, leaves what the hub lacks.
    ///
    /// The file for the hub stays until the hub's receipt for everything in it has come back.
    @discardableResult
    public func sync(folder root: String) throws -> SyncReport {
        let folder = try DropFolder(root)
        let device = name
        var report = SyncReport(received: nil, refused: nil, sent: nil)
        if let path = try folder.bundle(.toDevice, device: device) {
            do {
                report.received = try apply(path)
            } catch let refused as RefusedBundle {
                report.refused = refused.description
            }
        }
        try seal()
        if try withEngine({ engine in try engine.reading { try engine.hasNothingForHub() } }), try standsAsToldHub() {
            try folder.remove(.toHub, device: device)
        } else {
            report.sent = try pack(to: try folder.path(.toHub, device: device))
            try rememberTold()
        }
        return report
    }

    /// Whether the hub has already been told how far this replica is.
    private func standsAsToldHub() throws -> Bool {
        try withEngine { engine in
            if try engine.store.meta("fetch_all") != nil || engine.mustHandIn { return false }
            let told = try engine.store.metaInteger("told_position")
            return try told.map { UInt64(bitPattern: $0) } == engine.position && engine.position > 0
        }
    }

    private func rememberTold() throws {
        try withEngine { engine in
            try engine.transaction {
                try engine.store.setMeta("told_position", .integer(Int64(bitPattern: engine.position)))
            }
        }
    }
}
