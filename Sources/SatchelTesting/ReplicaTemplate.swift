internal import Foundation
internal import Satchel
internal import SatchelHub

/// Replicas before anything happened: made once, and cloned for each run.
///
/// Each has a key of its own, which its clones share from run to run.
final class ReplicaTemplate {
    /// Bytes of each replica's file, by its path within the folder of a run.
    private let files: [(path: String, bytes: Data)]

    /// Makes a hub, or an authority without one, and devices, in `folder`, which is removed again.
    ///
    /// - Parameter keepDays: of the hub's recycle bin; nil: as hubs have it.
    /// - Parameter scopes: that the hub has before it enrols anybody, each with rules; no device is granted any of them.
    init(
        ddl: String, hasHub: Bool, devices: [String], keepDays: Int? = nil, scopes: [String: [String]] = [:],
        folder: String
    ) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = ScriptClock(1_690_000_000_000)
        let hub = hasHub ? try Hub.create(at: folder + "/hub", schema: ddl, clock: clock, anchors: .none) : nil
        if let keepDays { try hub?.cleanUp(keepDays: keepDays) }
        for (name, rules) in scopes.sorted(by: { $0.key < $1.key }) { try hub?.setScope(name, rules: rules) }
        let authority = Authority(schema: ddl)
        for device in devices {
            let enrolment = try hub?.enrol(name: device) ?? authority.enrol(name: device, displayName: device)
            try Replica.create(at: "\(folder)/\(device)", enrolment: enrolment, clock: clock, anchors: .none).close()
        }
        try hub?.close()
        files = try ((hasHub ? ["hub/hub.sqlite"] : []) + devices).map {
            ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
        }
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
