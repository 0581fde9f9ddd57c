internal import Foundation
internal import Satchel
internal import SatchelHub
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// The replicas of a world before anything happened: made once, and cloned for each run.
///
/// Each replica has a key of its own, which the clones of that replica share from run to run.
package final class WorldTemplate {
    /// What the judges go by, for each version of the schema.
    package let schemas: [Schema]
    let constraints: [NaiveConstraints]
    /// The text of each version.
    let texts: [String]
    /// Bytes of each replica's file, by its path within the folder of a run.
    private let files: [(path: String, bytes: Data)]

    /// Makes a hub, or an authority without one, and devices, in `folder`, which is removed again.
    package init(_ world: WorldSchema, hasHub: Bool, devices: Int, folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        constraints = world.versions.map(\.constraints)
        texts = world.versions.map(\.ddl)
        schemas = try world.versions.map { try $0.judged ?? Store.tables(of: $0.ddl) }
        let clock = ScriptClock(1_690_000_000_000)
        let hub = hasHub ? try Hub.create(at: folder + "/hub", schema: world.ddl, clock: clock, anchors: .none) : nil
        // What the hub forgets, and when, is judged by other scripts (EXC-23).
        try hub?.cleanUp(keepDays: 36_500)
        let authority = Authority(schema: world.ddl)
        var paths = hasHub ? ["hub/hub.sqlite"] : []
        for device in 1...devices {
            let name = "device\(device)"
            let enrolment = try hub?.enrol(name: name) ?? authority.enrol(name: name, displayName: name)
            let replica = try Replica.create(
                at: "\(folder)/\(name)", enrolment: enrolment, clock: clock, anchors: .none)
            try replica.close()
            paths.append(name)
        }
        try hub?.close()
        files = try paths.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))) }
    }

    func clone(into folder: String) throws {
        for (path, bytes) in files {
            if path.contains("/") {
                try FileManager.default.createDirectory(
                    atPath: folder + "/" + (path as NSString).deletingLastPathComponent,
                    withIntermediateDirectories: true)
            }
            guard FileManager.default.createFile(atPath: "\(folder)/\(path)", contents: bytes) else {
                throw WorldFailure(.error, "no room for a replica in \(folder)")
            }
        }
    }
}
