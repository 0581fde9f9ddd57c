internal import Foundation

/// A shared folder or a USB stick: bundles lie in `satchel/to-hub` and `satchel/to-device`, one file for each device.
///
/// It moves bytes and reads none. Files are put there by renaming, so that nobody sees half of one.
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

    private static let ending = ".satchel"

    public enum Direction: String, Sendable {
        case toHub = "to-hub"
        case toDevice = "to-device"
    }

    /// Where the bundle of a device lies, or would lie. Makes the folders above it.
    public func path(_ direction: Direction, device: String) throws(TransportError) -> String {
        let folder = "\(root)/satchel/\(direction.rawValue)"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw TransportError("the folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        return "\(folder)/\(device)\(Self.ending)"
    }

    /// The bundle of a device, if it lies there.
    public func bundle(_ direction: Direction, device: String) throws(TransportError) -> String? {
        let path = try path(direction, device: device)
        return FileManager.default.fileExists(atPath: path) ? path : nil
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

    /// Takes a bundle away, once it is receipted. One that is gone already is no error.
    public func remove(_ direction: Direction, device: String) throws(TransportError) {
        let path = try path(direction, device: device)
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw TransportError("\(path) cannot be removed: \(error.localizedDescription)")
        }
    }
}

/// A road that cannot be used, in a sentence.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
