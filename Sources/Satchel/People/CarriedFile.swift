internal import Foundation
internal import SatchelModel

/// A small file that people carry or lock away: an enrolment, a hub's key, a view of a record.
package enum CarriedFile {
    /// Writes it in one step, readable by its owner alone, in the place of a file that is there; into what is no file, as a
    /// device or a pipe, it writes.
    ///
    /// Throws a `Complaint` where the system refuses, as when the disk is full (CLI-2); then a file is as it was.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        var reason: Int32
        var there = stat()
        if stat(path, &there) == 0, there.st_mode & S_IFMT != S_IFREG {
            reason = put(bytes, in: path, O_WRONLY | O_CLOEXEC, isFile: false)
        } else {
            // A link goes on leading to the file.
            let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let temporary = "\(target).part-\(Engine.randomBytes(4).hex)"
            reason = put(bytes, in: temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isFile: true)
            if reason == 0, rename(temporary, target) != 0 { reason = errno }
            if reason != 0 { unlink(temporary) }
        }
        if reason == 0 { return }
        throw Complaint(
            .other, "\(path) cannot be written: \(String(cString: strerror(reason)))",
            try: "check the folder, the rights, and whether the disk is full")
    }

    /// Returns the system's error; 0: the bytes are on the disk.
    private static func put(_ bytes: [UInt8], in path: String, _ how: Int32, isFile: Bool) -> Int32 {
        let descriptor = open(path, how, 0o600)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let failure = bytes.withUnsafeBytes { buffer -> Int32 in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let wrote = Foundation.write(descriptor, base + done, buffer.count - done)
                if wrote > 0 {
                    done += wrote
                } else if wrote == 0 || errno != EINTR {
                    return wrote == 0 ? EIO : errno
                }
            }
            return 0
        }
        if failure != 0 || !isFile { return failure }
        return fsync(descriptor) == 0 ? 0 : errno
    }
}
