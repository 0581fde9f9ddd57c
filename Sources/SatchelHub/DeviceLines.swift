internal import Satchel
internal import SatchelStore

/// One line that a device came with: one of its files.
struct DeviceLine {
    let origin: OriginID
    let lastSeen: Timestamp
    /// When it was given up; nil: it was not, or it came since.
    let retired: Timestamp?
    /// Where it said to stand in its last bundle, and up to where it had carried out the orders to erase.
    let standing: HubPoint
    let erased: HubPoint
}

/// The lines of each device that live: what one of its files says is no word of another (IDN-10).
struct DeviceLines {
    private let store: Store

    init(_ store: Store) { self.store = store }

    /// The lines of each device that did not end, the one that came last first.
    func living() throws -> [String: [DeviceLine]] {
        let select = try store.db.statement(
            "SELECT l.device, l.origin, l.last_seen, l.retired, l.epoch, l.position, l.erased_epoch, l.erased_position "
                + "FROM satchel_device_line l JOIN satchel_device d ON d.name = l.device WHERE l.ended IS NULL "
                + "ORDER BY l.device, l.origin <> d.origin, l.last_seen DESC, l.origin")
        func word(_ column: Int) -> UInt64 { UInt64(bitPattern: select.integer(column)) }
        var lines: [String: [DeviceLine]] = [:]
        while try select.step() {
            guard let origin = OriginID(bytes: select.bytes(1)) else { continue }
            lines[select.string(0), default: []].append(
                DeviceLine(
                    origin: origin, lastSeen: Timestamp(milliseconds: select.integer(2)),
                    retired: select.isNull(3) ? nil : Timestamp(milliseconds: select.integer(3)),
                    standing: HubPoint(epoch: word(4), position: word(5)),
                    erased: HubPoint(epoch: word(6), position: word(7))))
        }
        return lines
    }

    /// The position that every living line that was not given up has claimed in this epoch; 0: none came.
    func claimedByAll(epoch: UInt64) throws -> UInt64 {
        let select = try store.db.statement(
            "SELECT coalesce(min(CASE l.epoch WHEN ? THEN l.position ELSE 0 END), 0) FROM satchel_device_line l "
                + "JOIN satchel_device d ON d.name = l.device "
                + "WHERE l.ended IS NULL AND l.retired IS NULL AND d.retired IS NULL")
        select.bind(1, Int64(bitPattern: epoch))
        defer { select.reset() }
        return try select.step() ? UInt64(clamping: select.integer(0)) : 0
    }

    func note(_ device: String, origin: OriginID, at time: Timestamp) throws {
        try store.db.statement(
            "INSERT INTO satchel_device_line(device, origin, last_seen) VALUES (?, ?, ?) "
                + "ON CONFLICT(device, origin) DO UPDATE SET last_seen = excluded.last_seen, retired = NULL"
        ).bind(1, device).bind(2, blob: origin.bytes).bind(3, time.milliseconds).run()
    }

    /// Keeps what a line says of itself. One that was said to be left, and stands beyond where the log ended then, was
    /// answered since: it goes on.
    func note(
        _ device: String, origin: OriginID, standing: Standing, erased: ErasureStanding, epoch: UInt64
    ) throws {
        try store.db.statement(
            "UPDATE satchel_device_line SET epoch = ?1, position = ?2, erased_epoch = ?3, erased_position = ?4, "
                + "ended = CASE WHEN ?1 = ?5 AND ?2 > ended THEN NULL ELSE ended END WHERE device = ?6 AND origin = ?7"
        ).bind(1, Int64(bitPattern: standing.epoch)).bind(2, Int64(bitPattern: standing.position))
            .bind(3, Int64(bitPattern: erased.epoch)).bind(4, Int64(bitPattern: erased.position))
            .bind(5, Int64(bitPattern: epoch)).bind(6, device).bind(7, blob: origin.bytes).run()
    }

    /// Notes lines of the same device that another left (BND-55): they end, each by one word of each line only, since a
    /// line that was heard after that is not ended by the same word once more.
    func note(_ device: String, left lines: [OriginID], by origin: OriginID, at position: UInt64) throws {
        for line in lines where line != origin {
            let known = try store.db.statement(
                "SELECT 1 FROM satchel_device_line WHERE device = ?1 AND origin = ?2 "
                    + "AND NOT EXISTS (SELECT 1 FROM satchel_device_left WHERE origin = ?2 AND by = ?3)")
            known.bind(1, device).bind(2, blob: line.bytes).bind(3, blob: origin.bytes)
            let isNews = try known.step()
            known.reset()
            guard isNews else { continue }
            try store.db.statement("INSERT INTO satchel_device_left(origin, by) VALUES (?, ?)")
                .bind(1, blob: line.bytes).bind(2, blob: origin.bytes).run()
            try store.db.statement("UPDATE satchel_device_line SET ended = ? WHERE device = ? AND origin = ?")
                .bind(1, Int64(clamping: position)).bind(2, device).bind(3, blob: line.bytes).run()
        }
    }

    func retire(_ device: String, at time: Timestamp) throws {
        try store.db.statement("UPDATE satchel_device_line SET retired = ? WHERE device = ?")
            .bind(1, time.milliseconds).bind(2, device).run()
    }
}

extension [DeviceLine] {
    /// Nobody waits for a copy that was given up, where another goes on.
    var waitedFor: [DeviceLine] {
        let live = filter { $0.retired == nil }
        return live.isEmpty ? self : live
    }
}

extension Device {
    /// The device as one of its lines has it.
    func seen(as line: DeviceLine, isCopy: Bool) -> Device {
        Device(
            name: name, displayName: displayName, origin: line.origin, enrolled: enrolled, lastSeen: line.lastSeen,
            retired: retired ?? line.retired,
            standing: Standing(
                epoch: line.standing.epoch, position: line.standing.position, scopes: standing.scopes, beyond: []),
            clockAhead: clockAhead, schema: schema, isCopy: isCopy,
            erased: (line.erased.epoch, line.erased.position), adopted: adopted, tokenKey: tokenKey,
            deviceKey: deviceKey)
    }
}
