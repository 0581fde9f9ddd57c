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

// MARK: What is left of programs that were killed

extension DropFolder {
    /// Where a bundle is written until it is whole.
    ///
    /// - Parameter mark: eight hexadecimal digits, another for each.
    public static func unfinished(_ path: String, mark: String) -> String { "\(path).part-\(mark)" }

    /// Files of such names of which nobody has written anything for longer than this.
    ///
    /// The time is the folder's: that of a file which is written there and then. What a device says of the time counts only for
    /// what it wrote itself, on a disk that is in no other machine now. What cannot be told is left out.
    public func unfinished(_ direction: Direction, untouchedFor seconds: Double) -> [String] {
        let folder = "\(root)/satchel/\(direction.rawValue)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let paths = names.filter(Self.isUnfinished).sorted().map { "\(folder)/\($0)" }
        guard !paths.isEmpty, let now = Self.time(in: folder) else { return [] }
        return paths.filter { path in
            guard case .file? = Self.lying(at: path), let written = Self.lastWritten(path) else { return false }
            return now.timeIntervalSince(written) > seconds
        }
    }

    private static func isUnfinished(_ name: String) -> Bool {
        let parts = name.components(separatedBy: unfinished(ending, mark: ""))
        guard parts.count == 2, !parts[0].isEmpty, !name.hasPrefix(".") else { return false }
        return parts[1].utf8.count == 8
            && parts[1].utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Nil: nothing can be written there.
    private static func time(in folder: String) -> Date? {
        let path = unfinished("\(folder)/clock\(ending)", mark: "00000000")
        guard lying(at: path).map({ $0 != .other }) ?? true,
            FileManager.default.createFile(atPath: path, contents: Data([0]))
        else { return nil }
        defer { unlink(path) }
        return lastWritten(path)
    }

    private static func lastWritten(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}

/// A road that cannot be used, in a sentence.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
