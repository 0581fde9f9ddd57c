internal import Foundation
package import Satchel

/// What the tools read beside replicas and bundles.
package enum Input {
    /// A file's bytes; `-` is standard input. Throws a `UsageError`.
    package static func bytes(of path: String) throws -> [UInt8] {
        if path == "-" {
            guard let data = try? FileHandle.standardInput.readToEnd() ?? Data() else {
                throw UsageError("standard input cannot be read", try: "give a file, or a pipe")
            }
            return Array(data)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError("\(path) cannot be read", try: "check the path")
        }
        return Array(data)
    }
}

extension Complaint {
    /// What a check of a whole file found.
    package static func damaged(_ path: String, _ faults: [String]) -> Complaint {
        Complaint(
            .refused, "\(path) is damaged: \(faults.prefix(3).joined(separator: "; "))",
            try: "copy the file somewhere safe; then `satchel dump` what is readable and start from a fresh replica")
    }
}

extension BundleFate {
    /// Takes in one bundle; what goes wrong is told and does not stop the next.
    package static func apply(_ path: String, to replica: Replica) -> BundleFate {
        do {
            var fate = BundleFate(path, try replica.apply(path))
            fate.tell()
            return fate
        } catch {
            let complaint = Complaint(error)
            var fate = BundleFate(path, complaint)
            fate.tell(complaint)
            return fate
        }
    }

    /// What became of the bundle that lay in a folder for this device; nil: none did.
    package static func received(_ report: SyncReport, at path: String) -> BundleFate? {
        if let refused = report.refused {
            let complaint = Complaint(
                .refused, refused, try: report.refusedHint ?? "sync the hub with the folder once more")
            var fate = BundleFate(path, complaint)
            fate.tell(complaint)
            return fate
        }
        guard let received = report.received else { return nil }
        var fate = BundleFate(path, received)
        fate.tell()
        return fate
    }

    /// Tells of rows that went aside by what was written at this replica itself. Returns the exit code of that.
    package static func aside(_ report: SyncReport) -> Int32 {
        if report.setAside == 0 { return 0 }
        let complaint = Complaint(
            .setAside,
            "what was written here is taken, but \(counted(report.setAside, "row")) cannot be shown any more",
            try: "`satchel aside` names them and says why")
        Answer.tell(complaint)
        return complaint.kind.rawValue
    }
}
