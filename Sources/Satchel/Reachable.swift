internal import Foundation

/// Whether files are there, for who has to tell “there is none” from “you may not look”.
package enum Reachable {
    /// Whether something is at a path.
    ///
    /// Throws a `Complaint` where the system does not let that be seen, as in a folder that may not be read.
    package static func isThere(_ path: String) throws -> Bool {
        var facts = stat()
        if stat(path, &facts) == 0 { return true }
        let reason = errno
        if reason == ENOENT || reason == ENOTDIR { return false }
        throw Complaint(
            .other,
            "\(path) \(reason == EACCES || reason == EPERM ? "may not" : "cannot") be read: \(String(cString: strerror(reason)))",
            try: "look at the rights of the file and of the folders above it, or run it as whose they are")
    }
}
