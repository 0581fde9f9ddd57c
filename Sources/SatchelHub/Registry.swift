public import Satchel
internal import SatchelStore

/// One device as the hub knows it.
public struct Device: Sendable {
    public let name: String
    public let displayName: String
    /// Nil: it has not come yet.
    public let origin: OriginID?
    public let enrolled: Timestamp
    public let lastSeen: Timestamp?
    /// When it was given up: it holds up nothing until it comes again. Nil: it was not.
    public let retired: Timestamp?
    /// Where it said it stood in its last bundle.
    public let standing: Standing
    /// Milliseconds by which its clock was ahead of the hub's at least. 0: it was not.
    public let clockAhead: Int64
    /// The schema that it followed in its last bundle, first eight bytes of its hash; 0: it has sent none.
    public let schema: UInt64
    /// Whether this is not the file that came last, but a copy of it that goes on beside it.
    public internal(set) var isCopy = false

    /// Up to where in the hub's log it has carried out the orders to erase.
    let erased: (epoch: UInt64, position: UInt64)
    /// Where it stood when it handed in its rows after a restore of the hub; nil: it did not.
    let adopted: HubPoint?
    let tokenKey: [UInt8]
    let deviceKey: [UInt8]?
}

/// The list of devices, in the hub's file.
struct Registry {
    private let store: Store

    init(_ store: Store) { self.store = store }

    private static let columns =
        "name, display_name, token_key, device_key, origin, enrolled, last_seen, epoch, position, scopes, ahead, "
        + "retired, erased_epoch, erased_position, schema, adopted_epoch, adopted_position"

    func devices() throws -> [Device] {
        let select = try store.db.statement("SELECT \(Self.columns) FROM satchel_device ORDER BY name")
        var devices: [Device] = []
        while try select.step() { devices.append(device(select)) }
        return devices
    }

    /// Throws `UsageError` if there is no such device.
    func device(named name: String) throws -> Device {
        guard let device = try find(name) else {
            throw UsageError("no device is called \(name)", try: "list them with `satchel-hub devices`")
        }
        return device
    }

    func find(_ name: String) throws -> Device? {
        let select = try store.db.statement("SELECT \(Self.columns) FROM satchel_device WHERE name = ?")
        select.bind(1, name)
        defer { select.reset() }
        return try select.step() ? device(select) : nil
    }

    private func device(_ row: Statement) -> Device {
        Device(
            name: row.string(0), displayName: row.string(1),
            origin: row.isNull(4) ? nil : OriginID(bytes: row.bytes(4)),
            enrolled: Timestamp(milliseconds: row.integer(5)),
            lastSeen: row.isNull(6) ? nil : Timestamp(milliseconds: row.integer(6)),
            retired: row.isNull(11) ? nil : Timestamp(milliseconds: row.integer(11)),
            standing: Standing(
                epoch: UInt64(bitPattern: row.integer(7)), position: UInt64(bitPattern: row.integer(8)),
                scopes: UInt64(bitPattern: row.integer(9)), beyond: []),
            clockAhead: row.integer(10),
            schema: UInt64(bitPattern: row.integer(14)),
            erased: (UInt64(bitPattern: row.integer(12)), UInt64(bitPattern: row.integer(13))),
            adopted: row.isNull(15)
                ? nil
                : HubPoint(
                    epoch: UInt64(bitPattern: row.integer(15)), position: UInt64(bitPattern: row.integer(16))),
            tokenKey: row.bytes(2), deviceKey: row.isNull(3) ? nil : row.bytes(3))
    }

    func enrol(name: String, displayName: String, tokenKey: [UInt8], at time: Timestamp) throws {
        let insert = try store.db.statement(
            "INSERT INTO satchel_device(name, display_name, token_key, enrolled) VALUES (?, ?, ?, ?)")
        try insert.bind(1, name).bind(2, displayName).bind(3, blob: tokenKey).bind(4, time.milliseconds).run()
    }

    /// Keeps the receipt of the last bundle of a device that was accepted and is merged (EXC-38).
    func note(_ name: String, receipt digest: [UInt8], at time: Int64) throws {
        try store.db.statement("UPDATE satchel_device SET receipt_digest = ?, receipt_at = ? WHERE name = ?")
            .bind(1, blob: digest).bind(2, time).bind(3, name).run()
    }

    /// When the last bundle of a device that was accepted and is merged was accepted, if it is this one.
    func receipt(_ name: String, of digest: [UInt8]) throws -> Timestamp? {
        let select = try store.db.statement(
            "SELECT receipt_at FROM satchel_device WHERE name = ? AND receipt_digest = ?")
        select.bind(1, name).bind(2, blob: digest)
        defer { select.reset() }
        return try select.step() ? Timestamp(milliseconds: select.integer(0)) : nil
    }

    /// Ties the token to the first device key that comes with it.
    func admit(_ name: String, deviceKey: [UInt8]) throws {
        try store.db.statement("UPDATE satchel_device SET device_key = ? WHERE name = ? AND device_key IS NULL")
            .bind(1, blob: deviceKey).bind(2, name).run()
    }

    /// Ties it to another one.
    func put(_ name: String, deviceKey: [UInt8]) throws {
        try store.db.statement("UPDATE satchel_device SET device_key = ? WHERE name = ?").bind(1, blob: deviceKey)
            .bind(2, name).run()
    }

    func note(_ name: String, schema: UInt64) throws {
        try store.db.statement("UPDATE satchel_device SET schema = ? WHERE name = ? AND schema <> ?1")
            .bind(1, Int64(bitPattern: schema)).bind(2, name).run()
    }

    /// Gives a device up until it comes again.
    func retire(_ name: String, at time: Timestamp) throws {
        try store.db.statement("UPDATE satchel_device SET retired = ? WHERE name = ?")
            .bind(1, time.milliseconds).bind(2, name).run()
        try DeviceLines(store).retire(name, at: time)
    }

    /// Notes that a device came; one that was retired is live again, and so is the line that came.
    func note(_ name: String, origin: OriginID, at time: Timestamp, ahead: Int64) throws {
        try store.db.statement(
            "UPDATE satchel_device SET origin = ?, last_seen = ?, ahead = ?, retired = NULL WHERE name = ?"
        )
        .bind(1, blob: origin.bytes).bind(2, time.milliseconds).bind(3, ahead).bind(4, name).run()
        try DeviceLines(store).note(name, origin: origin, at: time)
    }

    /// So many of a device's last bundles are known again: it may leave them on as many sticks.
    private static let bundlesKept: Int64 = 16

    /// Whether a bundle is one of the last that a device came with.
    func hasCome(with bundle: [UInt8], _ name: String) throws -> Bool {
        let select = try store.db.statement("SELECT 1 FROM satchel_taken WHERE device = ? AND bundle = ?")
        select.bind(1, name).bind(2, blob: bundle)
        defer { select.reset() }
        return try select.step()
    }

    /// Keeps which bundle a device came with, and whether all of it was taken.
    func note(_ name: String, bundle: [UInt8], isWhole: Bool) throws {
        try store.db.statement(
            "INSERT INTO satchel_taken(device, bundle, whole) VALUES (?, ?, ?) ON CONFLICT(device, bundle) "
                + "DO UPDATE SET id = (SELECT max(id) + 1 FROM satchel_taken), whole = excluded.whole"
        ).bind(1, name).bind(2, blob: bundle).bind(3, isWhole ? 1 : 0).run()
        try store.db.statement(
            "DELETE FROM satchel_taken WHERE device = ?1 AND beside = 0 AND id <= (SELECT id FROM satchel_taken "
                + "WHERE device = ?1 AND beside = 0 ORDER BY id DESC LIMIT 1 OFFSET ?2)"
        ).bind(1, name).bind(2, Self.bundlesKept).run()
    }

    /// Whether all of a bundle was taken, and it need not be read once more: the last of each device, and those that lay in a
    /// folder under another name. The others may say where a device stands that was put back to before.
    func hasTaken(_ bundle: [UInt8], of name: String) throws -> Bool {
        let select = try store.db.statement(
            "SELECT 1 FROM satchel_taken WHERE device = ?1 AND bundle = ?2 AND (beside = 1 OR whole = 1 "
                + "AND id = (SELECT max(id) FROM satchel_taken WHERE device = ?1))")
        select.bind(1, name).bind(2, blob: bundle)
        defer { select.reset() }
        return try select.step()
    }

    func note(_ name: String, taken bundle: [UInt8]) throws {
        try store.db.statement(
            "INSERT INTO satchel_taken(device, bundle, whole, beside) VALUES (?, ?, 1, 1) "
                + "ON CONFLICT(device, bundle) DO UPDATE SET beside = 1"
        ).bind(1, name).bind(2, blob: bundle).run()
    }

    /// Keeps how far a device says it is with the orders to erase, even if that is further back than before.
    func note(_ name: String, erased: ErasureStanding) throws {
        try store.db.statement("UPDATE satchel_device SET erased_epoch = ?, erased_position = ? WHERE name = ?")
            .bind(1, Int64(bitPattern: erased.epoch)).bind(2, Int64(bitPattern: erased.position)).bind(3, name).run()
    }

    /// Keeps where a device stood that handed in its rows.
    func note(_ name: String, adopted: HubPoint) throws {
        try store.db.statement("UPDATE satchel_device SET adopted_epoch = ?, adopted_position = ? WHERE name = ?")
            .bind(1, Int64(bitPattern: adopted.epoch)).bind(2, Int64(bitPattern: adopted.position)).bind(3, name).run()
    }

    /// Keeps which changesets a device's last bundle held.
    func note(_ name: String, handedIn dots: [DotID]) throws {
        try store.db.statement("DELETE FROM satchel_handed WHERE device = ?").bind(1, name).run()
        let insert = try store.db.statement("INSERT OR IGNORE INTO satchel_handed(device, dot) VALUES (?, ?)")
        for dot in dots { try insert.bind(1, name).bind(2, dot).run() }
    }

    func handedIn(_ name: String) throws -> [DotID] {
        let select = try store.db.statement("SELECT dot FROM satchel_handed WHERE device = ? ORDER BY dot")
        select.bind(1, name)
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    /// Keeps where a device says it stands, even if that is further back than before: it may have been restored from
    /// a backup. A late old bundle only makes the next reply longer.
    func note(_ name: String, standing: Standing) throws {
        let update = try store.db.statement(
            "UPDATE satchel_device SET epoch = ?, position = ?, scopes = ? WHERE name = ?")
        try update.bind(1, Int64(bitPattern: standing.epoch)).bind(2, Int64(bitPattern: standing.position))
            .bind(3, Int64(bitPattern: standing.scopes)).bind(4, name).run()
    }
}
