#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A regular file by its descriptor, closed when the last reference goes. Not buffered, no shared position.
package final class SystemFile: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens for reading. Links and anything but a regular file are refused, and a FIFO does not block (T15).
    static func reading(_ path: String) throws(WireError) -> SystemFile {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .io("\(path): \(String(cString: strerror(errno)))") }
        let file = SystemFile(descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .io("\(path): \(String(cString: strerror(errno)))") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .io("\(path) is not a regular file") }
        return file
    }

    /// Opens for writing, empty, readable by its owner only.
    package static func writing(_ path: String) throws(WireError) -> SystemFile {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .io("\(path): \(String(cString: strerror(errno)))") }
        return SystemFile(descriptor)
    }

    /// Up to `count` bytes from `offset` on; fewer only where the file ends.
    func read(_ count: Int, at offset: Int) throws(WireError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                guard let base = buffer.baseAddress else { return }
                let got = pread(descriptor, base + filled, count - filled, off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .io("read: \(String(cString: strerror(failure)))") }
        return bytes
    }

    package func write(_ bytes: [UInt8], at offset: Int) throws(WireError) {
        var failure: Int32 = 0
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let put = pwrite(descriptor, base + done, buffer.count - done, off_t(offset + done))
                if put > 0 {
                    done += put
                } else if put == 0 || errno != EINTR {
                    failure = put == 0 ? EIO : errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .io("write: \(String(cString: strerror(failure)))") }
    }

    /// Returns when the bytes are on the medium. A failure is final: whoever gets it makes the file anew.
    package func synchronize() throws(WireError) {
        #if canImport(Darwin)
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw .io("fsync: \(String(cString: strerror(errno)))") }
    }
}
