import Satchel
import SatchelHub

/// A hub that holds a workload, sealed, and devices that join it.
struct Station {
    let hub: Hub
    let bench: Bench

    init(_ workload: Workload, bench: Bench) throws {
        self.bench = bench
        hub = try Hub.create(at: try bench.freshFolder("hub"), schema: Workload.schema)
        let db = PlainSQLite(hub.replica.path, .normal)
        workload.loadFiles(into: db)
        workload.loadVisits(into: db)
        try hub.replica.seal()
    }

    /// A new device with nothing in it.
    func device(_ name: String) throws -> Replica {
        try Replica.create(at: bench.fresh(name + ".db"), enrolment: hub.enrol(name: name))
    }

    /// Brings the device what the hub has and it lacks. Returns the path of the bundle.
    @discardableResult
    func serve(_ device: Replica) throws -> String {
        let path = bench.folder + "/reply"
        try hub.pack(for: device.name, to: path)
        try device.apply(path)
        return path
    }
}
