internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// How far each device has said to be (SCO-30).
///
/// What a file sealed before it packed a bundle is in that bundle, or the hub has it: what is met only after the bundle was
/// sealed no further back, but in a file that was put back or copied.
struct DeviceClaims {
    private let engine: Engine
    private let store: Store

    init(_ engine: Engine) {
        self.engine = engine
        store = engine.store
    }

    /// Notes where a device says to stand. Where that is beyond what this hub's log has in common with a life of it that is
    /// gone, work that was told to be there comes only with what the device hands in (EXC-29).
    func note(_ standing: Standing, of device: String) throws {
        let reach = try engine.reach(epoch: standing.epoch, position: standing.position)
        guard try reach == standing.position && reach <= engine.position else { return }
        try store.db.statement(
            "INSERT INTO satchel_scope_claim(device, position) VALUES (?, ?) "
                + "ON CONFLICT(device) DO UPDATE SET position = max(position, excluded.position)"
        ).bind(1, device).bind(2, Int64(clamping: reach)).run()
    }

    /// Notes how far the author's device had said to be when a changeset is met for the first time.
    func meet(_ dot: DotID, of device: String) throws {
        try store.db.statement(
            "INSERT INTO satchel_scope_cut(dot, position, floor) VALUES (?1, 0, "
                + "coalesce((SELECT position FROM satchel_scope_claim WHERE device = ?2), 0)) "
                + "ON CONFLICT(dot) DO UPDATE SET floor = coalesce(floor, excluded.floor)"
        ).bind(1, dot).bind(2, device).run()
    }

    /// How far that was.
    func floor(of dot: DotID) throws -> UInt64 {
        let select = try store.db.statement("SELECT coalesce(floor, 0) FROM satchel_scope_cut WHERE dot = ?")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : 0
    }
}
