internal import Foundation
public import Satchel
internal import SatchelStore
internal import SatchelWire

/// Hubs that are lost or put back: backups, another life, a key kept apart (EXC-28, IDN-9).
extension Hub {
    /// Copies the hub's replica into a new file, compacted, while others go on. How far the newest
    /// backup reaches is remembered: from there on replies name what the hub has one by one (EXC-20).
    ///
    /// To restore, put the file in the place of `hub.sqlite`; the hub notices (IDN-7), or is told by `restored`.
    public func backUp(to path: String) throws {
        try replica.withEngine { engine in
            try engine.commitSeal()
            let position = try engine.position
            try MadeWhole.database(at: path) {
                try engine.store.copy(to: path)
                try engine.transaction {
                    try engine.store.setMeta("backup_position", .integer(Int64(clamping: position)))
                }
            }
        }
    }

    /// Says that this file was put back from a backup. Devices that had come further hand in what they hold.
    public func restored() throws {
        try replica.withEngine { engine in
            try engine.transaction {
                try engine.seal()
                try engine.renewIdentity(.restored)
                try engine.beginEpoch()
            }
        }
    }

    /// What a hub that is lost is rebuilt from: the data set's name, its key, and the schema. Whoever has it is the hub.
    struct KeyFile: Codable {
        var format = 1
        /// 64 hexadecimal digits each.
        var dataSet: String
        var key: String
        var epoch: UInt64
        var schema: String
    }

    /// Writes the hub's key into a new file, readable by its owner alone, to be kept apart from the hub.
    public func exportKey(to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw UsageError("there is something at \(path) already", try: "give another path")
        }
        let file = try replica.withEngine { engine in
            KeyFile(
                dataSet: engine.dataSet.bytes.hex, key: engine.key.raw.hex, epoch: try engine.epoch,
                schema: try engine.store.schemaText)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try CarriedFile.write(Array(encoder.encode(file)), to: path)
    }

    /// Makes an empty hub of an existing data set from its key file. The devices that come to it hand in all they hold.
    public static func rebuild(
        at directory: String, keyFile path: String, clock: any WallClock = SystemClock(),
        anchors: Anchoring = .standard
    ) throws -> Hub {
        guard let data = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(KeyFile.self, from: data), file.format == 1,
            let dataSet = [UInt8](hex: file.dataSet).flatMap({ Hash256($0) }),
            let raw = [UInt8](hex: file.key), let key = try? SigningKey(raw: raw)
        else {
            throw UsageError("\(path) is not the key file of a hub", try: "find the one that `satchel-hub key` wrote")
        }
        return try create(
            at: directory, schema: file.schema, clock: clock, anchors: anchors, dataSet: dataSet, key: key,
            after: file.epoch)
    }

    /// A changeset that is not here and that others wait for.
    public struct Awaited: Sendable {
        /// As `declareLost` takes it.
        public var changeset: String
        /// What it is, in a person's words.
        public var words: String
        /// How many changesets wait for it.
        public var waiting: Int
    }

    /// What others wait for, the oldest wait first (EXC-31).
    public func awaited() throws -> [Awaited] {
        try replica.withEngine { engine in
            try engine.reading {
                try engine.awaited().map { .init(changeset: $0.dot.description, words: $0.words, waiting: $0.waiting) }
            }
        }
    }

    /// Says that changesets which others wait for will never come: what waits for them waits no more, here and on every
    /// device. If they come after all they are taken in, but for what was replaced since.
    ///
    /// Returns how many changesets were let go. Throws `UsageError` for a name that nothing waits for, or that names two.
    @discardableResult
    public func declareLost(_ names: [String], actor: String = "") throws -> Int {
        let released = try replica.withEngine { engine in
            let released = try engine.transaction {
                let awaited = try engine.awaited()
                let dots = try names.map { name in
                    try Self.one(name, of: awaited, by: \.dot, "that others wait for", command: "lost").dot
                }
                guard !dots.isEmpty else { return 0 }
                let book = ScopeBook(engine.store)
                engine.admission = try book.isInUse ? ScopeAdmission(engine) : nil
                defer { engine.admission = nil }
                let who = actor.isEmpty ? "" : " by \(actor)"
                let released = try engine.declareLost(
                    dots, note: "declared lost\(who): \(dots.map(\.description).joined(separator: ", "))")
                // What was let go may have been about somebody erased (ERA-6).
                try Membership.follow(engine, book)
                return released
            }
            try engine.sweepTraces()
            return released
        }
        try clearQuarantineIfDue()
        return released
    }
}
