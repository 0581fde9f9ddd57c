internal import Foundation
internal import SatchelModel

/// A small file that people carry or lock away: an enrolment, a hub's key, a view of a record.
package enum CarriedFile {
    /// Writes it in one step, readable by its owner alone, in the place of a file that is there.
    ///
    /// Throws a `Complaint` where the system refuses, as when the disk is full (CLI-2); then all is as it was.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        let temporary = "\(path).part-\(Engine.randomBytes(4).hex)"
        var reason = put(bytes, in: temporary)
        if reason == 0, rename(temporary, path) != 0 { reason = errno }
        if reason == 0 { return }
        unlink(temporary)
        throw Complaint(
            .other, "\(path) cannot be written: \(String(cString: strerror(reason)))",
            try: "check the folder, the rights, and whether the disk is full")
    }

    /// Returns the system's error; 0: the bytes are on the disk.
    private static func put(_ bytes: [UInt8], in path: String) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let failure = bytes.withUnsafeBytes { buffer -> Int32 in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let wrote = pwrite(descriptor, base + done, buffer.count - done, off_t(done))
                if wrote > 0 {
                    done += wrote
                } else if wrote == 0 || errno != EINTR {
                    return wrote == 0 ? EIO : errno
                }
            }
            return 0
        }
        if failure != 0 { return failure }
        return fsync(descriptor) == 0 ? 0 : errno
    }
}
