internal import Foundation
public import SatchelModel
internal import SatchelWire

/// Anchors in small files of the user's state directory (IDN-8).
///
/// `$XDG_STATE_HOME/satchel`, else `~/.local/state/satchel`; on Apple's systems `satchel` in Application Support. For a
/// replica in the temporary directory they lie there too, and go when it goes.
public struct FileAnchors: AnchorStore {
    private let directory: String

    public init(directory: String) { self.directory = directory }

    /// The default for a replica at this path.
    public init(forReplicaAt path: String) {
        let temporary = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        self.init(directory: file.hasPrefix(temporary + "/") ? temporary + "/satchel-state" : Self.userDirectory)
    }

    private static var userDirectory: String {
        if let set = ProcessInfo.processInfo.environment["XDG_STATE_HOME"], set.hasPrefix("/") {
            return set + "/satchel"
        }
        #if canImport(Darwin)
            return NSHomeDirectory() + "/Library/Application Support/satchel"
        #else
            return NSHomeDirectory() + "/.local/state/satchel"
        #endif
    }

    /// Random bytes, made once, and with them the machine's own name where the system has one: a home directory that
    /// is copied to another machine is another place.
    public func place() throws -> String {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = directory + "/place"
        if !FileManager.default.fileExists(atPath: path) {
            let own = directory + "/place." + Engine.randomBytes(8).hex
            try Data(Engine.randomBytes(16).hex.utf8).write(to: URL(fileURLWithPath: own))
            // Of two programs that come at once the first makes it; the other's is taken away.
            _ = link(own, path)
            unlink(own)
        }
        let random = try Data(contentsOf: URL(fileURLWithPath: path))
        let machine = FileManager.default.contents(atPath: "/etc/machine-id") ?? Data()
        return sha256(Array(random) + [0] + Array(machine)).bytes.prefix(16).hex
    }

    /// An anchor that a power cut left unreadable is none: the replica takes a new incarnation, which harms nothing.
    public func anchor(of origin: OriginID) throws -> Anchor? { file(origin).read() }

    /// Not flushed: an anchor that is a few seconds old still tells yesterday's file from today's.
    public func keep(_ anchor: Anchor, of origin: OriginID) throws { try file(origin).write(anchor) }

    public func forget(_ origin: OriginID) throws {
        guard unlink(file(origin).path) != 0, errno != ENOENT else { return }
        throw AnchorFault(path: file(origin).path, code: errno)
    }

    private func file(_ origin: OriginID) -> AnchorFile { AnchorFile(path: "\(directory)/\(origin).anchor") }
}
