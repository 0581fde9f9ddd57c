internal import Foundation
internal import SatchelTransport
package import SatchelWire

/// A private copy of a bundle: what is verified is what is read afterwards, whatever happens to the original.
package struct Spool {
    package let path: String

    /// Copies a regular file. Throws `WireError.io`.
    package init(_ original: String, beside neighbour: String) throws {
        path = neighbour + ".spool-\(getpid())-" + Engine.randomBytes(8).hex
        let input = try Self.open(original).descriptor
        defer { close(input) }
        let output = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else {
            throw WireError.io("no room to look at the bundle: \(String(cString: strerror(errno)))")
        }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0, write(output, buffer, count) == count else {
                unlink(path)
                throw WireError.io("the bundle cannot be copied: \(String(cString: strerror(errno)))")
            }
        }
    }

    package func remove() { unlink(path) }

    /// Opens a regular file for reading; the caller closes it. Throws `WireError.io`.
    fileprivate static func open(_ path: String) throws -> (descriptor: Int32, bytes: Int) {
        let input = Foundation.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard input >= 0 else {
            throw WireError.io("the bundle \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        var facts = stat()
        guard fstat(input, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(input)
            throw WireError.io("\(path) is not a file")
        }
        return (input, Int(facts.st_size))
    }

    /// Removes copies that a killed process left beside `neighbour`: what they hold may be erased meanwhile (ERA-7). Where another process has
    /// that one's number by now, or it is of another machine, they go after a day.
    static func sweep(beside neighbour: String) {
        let folder = neighbour.folderOfPath
        let prefix = (neighbour as NSString).lastPathComponent + ".spool-"
        let place = folder.isEmpty ? "." : folder
        for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] where name.hasPrefix(prefix) {
            let path = place + "/" + name
            let made = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            let process = name.dropFirst(prefix.count).prefix { $0 != "-" }
            let isGone = pid_t(process).map { kill($0, 0) != 0 && errno == ESRCH } ?? false
            if isGone || made.map({ $0.timeIntervalSinceNow < -86_400 }) ?? false { unlink(path) }
        }
    }
}

/// A bundle to be looked at: a small one in memory, a large one as a private copy beside the replica.
package enum PrivateCopy {
    case memory([UInt8])
    case file(Spool)

    /// Up to so many bytes are kept in memory.
    private static let memoryBytes = 1 << 20

    /// Copies a regular file. Throws `WireError.io`.
    package init(_ original: String, beside neighbour: String) throws {
        if let bytes = try Self.contents(of: original, upTo: Self.memoryBytes) {
            self = .memory(bytes)
        } else {
            self = .file(try Spool(original, beside: neighbour))
        }
    }

    /// The bytes of a regular file; nil: there are more than `limit`. Throws `WireError.io`.
    package static func contents(of path: String, upTo limit: Int) throws -> [UInt8]? {
        let (input, size) = try Spool.open(path)
        defer { close(input) }
        guard size <= limit else { return nil }
        // One byte more than there should be: a file that grows meanwhile is looked at as it is.
        var bytes = [UInt8](repeating: 0, count: size + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { read(input, $0 + count, buffer.count - count) } ?? 0
            }
            if got < 0 {
                throw WireError.io("the bundle \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if got == 0 { return Array(bytes.prefix(count)) }
            count += got
            if count == bytes.count, count <= limit { bytes.append(contentsOf: [UInt8](repeating: 0, count: count)) }
        }
        return nil
    }

    package var bundle: UnverifiedBundle {
        switch self {
        case .memory(let bytes): UnverifiedBundle(bytes: bytes)
        case .file(let spool): UnverifiedBundle(path: spool.path)
        }
    }

    package func contents() throws -> [UInt8] {
        switch self {
        case .memory(let bytes): bytes
        case .file(let spool): Array(try Data(contentsOf: URL(fileURLWithPath: spool.path)))
        }
    }

    package func remove() { if case .file(let spool) = self { spool.remove() } }
}
