internal import Foundation
internal import SatchelModel
internal import SatchelTransport
internal import SatchelWire

/// A small file that people carry or lock away: an enrolment, a hub's key, a view of a record.
package enum CarriedFile {
    /// Writes it in one step, readable by its owner alone, in the place of a file that is there; into what is no file, as a
    /// device or a pipe, it writes.
    ///
    /// Throws a `Complaint` where the system refuses, as when the disk is full (CLI-2); then a file is as it was.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            var there = stat()
            if stat(path, &there) == 0, there.st_mode & S_IFMT != S_IFREG {
                try FileHandle(forWritingTo: URL(fileURLWithPath: path)).write(contentsOf: Data(bytes))
            } else {
                // A link goes on leading to the file.
                try replace(URL(fileURLWithPath: path).resolvingSymlinksInPath().path, by: bytes)
            }
        } catch {
            var reason = error.localizedDescription
            if case WireError.io(let said) = error { reason = said }
            throw Complaint(
                .other, "\(path) cannot be written: \(reason)",
                try: "check the folder, the rights, and whether the disk is full")
        }
    }

    private static func replace(_ path: String, by bytes: [UInt8]) throws {
        let temporary = DropFolder.unfinished(path, mark: Engine.randomBytes(4).hex)
        do {
            let file = try SystemFile.writing(temporary)
            try file.write(bytes, at: 0)
            try file.synchronize()
            if rename(temporary, path) != 0 { throw WireError.io(String(cString: strerror(errno))) }
        } catch {
            unlink(temporary)
            throw error
        }
    }
}
