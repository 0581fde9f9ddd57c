internal import Satchel
internal import SatchelStore

/// The bundles that were accepted and are not merged, in the hub's file. Used in one transaction; `close` ends it.
final class AcceptedStore {
    private let store: Store
    /// By how many bytes what lies there has grown.
    private var grown = 0
    /// Bytes that lie there, of each device that was asked about.
    private var ofDevices: [String: Int] = [:]
    /// Bytes that wait for something else, by author; nil: not asked yet. Accepting makes nothing wait.
    private var parked: [OriginID: Int]?

    init(_ store: Store) { self.store = store }

    struct Entry: Sendable {
        let arrival: Int64
        /// 16 bytes.
        let id: [UInt8]
        /// 32 bytes: SHA-256 of the bundle.
        let digest: [UInt8]
        let device: String
        let at: Timestamp
        let size: Int
        /// Why its merge was refused; nil: it waits.
        var reason: String?
    }

    private static let total = "accepted_bytes"

    /// Bytes that lie there.
    var bytes: Int { get throws { Int(try store.metaInteger(Self.total) ?? 0) + grown } }

    /// Bytes that lie there of one device. O(its bundles) at the first asking.
    func bytes(of device: String) throws -> Int {
        if let known = ofDevices[device] { return known }
        let select = try store.db.statement("SELECT ifnull(sum(size), 0) FROM satchel_accepted WHERE device = ?")
        select.bind(1, device)
        defer { select.reset() }
        let bytes = try select.step() ? Int(select.integer(0)) : 0
        ofDevices[device] = bytes
        return bytes
    }

    /// Bytes of changesets that wait at the hub, by author: they had their room here, and have it still (EXC-42).
    func parkedBytes() throws -> [OriginID: Int] {
        let bytes = try parked ?? store.parkedBytes()
        parked = bytes
        return bytes
    }

    /// Keeps how many bytes lie there now: once for all that came and went.
    func close() throws {
        if grown != 0 { try store.setMeta(Self.total, .integer(Int64(bytes))) }
        grown = 0
    }

    /// After a rollback.
    func forget() {
        grown = 0
        ofDevices = [:]
    }

    func add(_ id: [UInt8], digest: [UInt8], device: String, at time: Timestamp, _ contents: [UInt8]) throws {
        let insert = try store.db.statement(
            "INSERT INTO satchel_accepted(id, digest, device, at, size, bundle) VALUES (?, ?, ?, ?, ?, ?)")
        try insert.bind(1, blob: id).bind(2, blob: digest).bind(3, device).bind(4, time.milliseconds)
            .bind(5, Int64(contents.count)).bind(6, blob: contents).run()
        grown += contents.count
        ofDevices[device]? += contents.count
    }

    /// When a bundle was accepted that is still here.
    func accepted(_ digest: [UInt8]) throws -> Timestamp? {
        let select = try store.db.statement("SELECT at FROM satchel_accepted WHERE digest = ?")
        select.bind(1, blob: digest)
        defer { select.reset() }
        return try select.step() ? Timestamp(milliseconds: select.integer(0)) : nil
    }

    func isWaiting(_ entry: Entry) throws -> Bool {
        let select = try store.db.statement(
            "SELECT 1 FROM satchel_accepted WHERE arrival = ? AND digest = ? AND reason IS NULL")
        select.bind(1, entry.arrival).bind(2, blob: entry.digest)
        defer { select.reset() }
        return try select.step()
    }

    /// It is merged: only its receipt is kept, as the last of its device.
    func finish(_ entry: Entry, _ device: String) throws {
        try remove(entry)
        try Registry(store).note(device, receipt: entry.digest, at: entry.at.milliseconds)
    }

    func remove(_ entry: Entry) throws {
        try store.db.statement("DELETE FROM satchel_accepted WHERE arrival = ?").bind(1, entry.arrival).run()
        grown -= entry.size
        ofDevices[entry.device]? -= entry.size
    }

    /// Nil: it is to be merged after all.
    func refuse(_ entry: Entry, _ reason: String?) throws {
        try store.db.statement("UPDATE satchel_accepted SET reason = ? WHERE arrival = ?")
            .bind(1, reason.map { .text(Array($0.utf8)) } ?? .null).bind(2, entry.arrival).run()
    }

    /// All that lies there, in the order of its arrival.
    func entries() throws -> [Entry] { try entries(after: 0, waiting: false, limit: .max) }

    /// What waits beyond an arrival.
    func waiting(after arrival: Int64, limit: Int) throws -> [Entry] {
        try entries(after: arrival, waiting: true, limit: limit)
    }

    private func entries(after arrival: Int64, waiting: Bool, limit: Int) throws -> [Entry] {
        let select = try store.db.statement(
            "SELECT arrival, id, digest, device, at, size, reason FROM satchel_accepted "
                + "WHERE arrival > ? AND (reason IS NULL OR NOT ?) ORDER BY arrival LIMIT ?")
        select.bind(1, arrival).bind(2, Int64(waiting ? 1 : 0)).bind(3, Int64(limit))
        var entries: [Entry] = []
        while try select.step() {
            entries.append(
                Entry(
                    arrival: select.integer(0), id: select.bytes(1), digest: select.bytes(2),
                    device: select.string(3), at: Timestamp(milliseconds: select.integer(4)),
                    size: Int(select.integer(5)), reason: select.isNull(6) ? nil : select.string(6)))
        }
        return entries
    }

    func contents(_ entry: Entry) throws -> [UInt8] {
        let select = try store.db.statement("SELECT bundle FROM satchel_accepted WHERE arrival = ? AND digest = ?")
        select.bind(1, entry.arrival).bind(2, blob: entry.digest)
        defer { select.reset() }
        return try select.step() ? select.bytes(0) : []
    }
}
