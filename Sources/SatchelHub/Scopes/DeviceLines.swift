internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// How far each device is known to have been before it began one of its lines (SCO-30).
struct DeviceLines {
    private let engine: Engine
    private let store: Store

    init(_ engine: Engine) {
        self.engine = engine
        store = engine.store
    }

    /// Notes a line when it is first heard of.
    func meet(_ line: OriginID, of device: String) throws {
        let number = try store.originID(line)
        try store.db.statement(
            "INSERT OR IGNORE INTO satchel_scope_line(device, origin, floor, claimed) VALUES (?1, ?2, "
                + "coalesce((SELECT max(claimed) FROM satchel_scope_line WHERE device = ?1), 0), 0)"
        ).bind(1, device).bind(2, number).run()
    }

    /// How far a device had said to be, under its other lines, when this one was first heard of.
    func floor(of line: OriginID, device: String) throws -> UInt64 {
        let select = try store.db.statement("SELECT floor FROM satchel_scope_line WHERE device = ? AND origin = ?")
        select.bind(1, device).bind(2, try store.originID(line))
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : 0
    }

    /// Notes how far a device says to be, in a bundle of one of its lines.
    func note(_ standing: Standing, of line: OriginID, device: String) throws {
        let claimed = try engine.reach(epoch: standing.epoch, position: standing.position)
        try store.db.statement(
            "UPDATE satchel_scope_line SET claimed = max(claimed, ?) WHERE device = ? AND origin = ?"
        ).bind(1, Int64(clamping: claimed)).bind(2, device).bind(3, try store.originID(line)).run()
    }
}
