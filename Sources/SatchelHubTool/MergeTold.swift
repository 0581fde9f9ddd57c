internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// What a run of merging did (CLI-32, CLI-35).
struct MergeTold: Encodable {
    struct Reply: Encodable {
        let device: String
        let file: String
        let rows: Int
        let bytes: Int
    }

    let bundles: [BundleFate]
    let replies: [Reply]
    let notes: [String]
    let code: Int32

    /// Tells what went wrong as well.
    init(_ report: MergeReport) {
        bundles = report.merged.map { merged in
            var fate = BundleFate(merged)
            fate.tell(
                merged.complaint, reasons: merged.outcome == .parked ? [] : merged.reasons,
                asideHint: "`satchel-hub aside`, `outside` and `quarantine` name them and say why")
            return fate
        }
        // Where nothing is set aside they are told as what was found.
        let found = report.merged.filter { $0.complaint == nil && $0.outcome != .parked && $0.setAside == 0 }
        replies = report.replies.map { Reply(device: $0.device, file: $0.path, rows: $0.rows, bytes: $0.bytes) }
        notes = report.notes + found.flatMap { merged in merged.reasons.map { "\(merged.path): \($0)" } }
        for failure in report.failures { Answer.tell(failure) }
        code = (bundles.map(\.code) + report.failures.map(\.kind.rawValue)).max() ?? 0
    }

    var lines: [String] {
        notes + bundles.map(\.line)
            + replies.map { "\($0.file): for \($0.device), \(counted($0.rows, "row")), \(counted($0.bytes, "byte"))" }
    }
}

extension BundleFate {
    init(_ merged: MergeReport.Merged) {
        let outcome =
            switch merged.outcome {
            case .applied: "applied"
            case .alreadyHad: "already_had"
            case .parked: "parked"
            case .refused: "refused"
            case .failed: "failed"
            }
        self.init(file: merged.path, outcome: outcome)
        sender = merged.device
        changesets = merged.changesets
        rows = merged.rows
        parked = merged.parked
        waitsFor = merged.outcome == .parked ? merged.reasons : []
        turnedAway = merged.turnedAway
        setAside = merged.setAside
        newConflicts = merged.newConflicts
        error = merged.complaint?.sentence
        code = merged.complaint?.kind.rawValue ?? 0
    }
}
