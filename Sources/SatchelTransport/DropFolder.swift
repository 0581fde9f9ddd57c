internal import Foundation

/// A shared folder or a USB stick: bundles lie in `satchel/to-hub` and `satchel/to-device`, one file for each device.
///
/// It moves bytes and reads none. Files are put there by renaming, so that nobody sees half of one, and nothing but a file
/// is ever taken away: what else lies there is somebody's, and is moved aside at most.
public struct DropFolder: Sendable {
    public let root: String

    /// A folder that exists. Throws `TransportError` otherwise: a stick that is not plugged in is no new folder.
    public init(_ root: String) throws(TransportError) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw TransportError("there is no folder \(root)")
        }
        self.root = root
    }

    public static let ending = ".satchel"

    public enum Direction: String, Sendable {
        case toHub = "to-hub"
        case toDevice = "to-device"
    }

    /// Where the bundles of a direction lie. Makes what is not there.
    public func folder(_ direction: Direction) throws(TransportError) -> String {
        let whole = "\(root)/satchel"
        let folder = "\(whole)/\(direction.rawValue)"
        // Not the root: where a stick was pulled out, a folder of its name would be made on this machine's own disk.
        for path in [whole, folder] where mkdir(path, 0o777) != 0 && errno != EEXIST {
            throw TransportError("the folder \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        return folder
    }

    /// All bundles of a direction, by name. Hidden and half-written files are left out.
    public func bundles(_ direction: Direction) throws(TransportError) -> [String] {
        let folder = "\(root)/satchel/\(direction.rawValue)"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(Self.ending) && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
        } catch {
            throw TransportError("the folder \(folder) cannot be read: \(error.localizedDescription)")
        }
    }

    /// What lies at a path.
    public enum Lying: Sendable, Equatable {
        case file(bytes: Int)
        /// A folder, a link, or what else is no file.
        case other
    }

    /// Nil: nothing does.
    public static func lying(at path: String) -> Lying? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        return facts.st_mode & S_IFMT == S_IFREG ? .file(bytes: Int(facts.st_size)) : .other
    }

    /// Takes a file away. What is no file stays, and what is gone already is no error.
    public static func remove(_ path: String) throws(TransportError) {
        guard case .file? = lying(at: path) else { return }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw TransportError("\(path) cannot be removed: \(String(cString: strerror(errno)))")
        }
    }

    /// Gives what lies at a path another name in its folder, whatever it is: the first of `names` that nothing has.
    ///
    /// - Returns: the name.
    public static func rename(_ path: String, to names: some Sequence<String>) throws(TransportError) -> String {
        let folder = path.folderOfPath
        for name in names where lying(at: "\(folder)/\(name)") == nil {
            do {
                try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/\(name)")
                return name
            } catch {
                throw TransportError("\(path) cannot be moved aside: \(error.localizedDescription)")
            }
        }
        throw TransportError("\(path) cannot be moved aside: there is no name left")
    }
}

/// A road that cannot be used, in a sentence.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
