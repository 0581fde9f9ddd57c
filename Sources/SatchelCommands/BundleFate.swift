package import Satchel

/// What became of one bundle (CLI-10).
package struct BundleFate: Encodable {
    package var file: String
    package var outcome: String
    package var sender = ""
    package var changesets = 0
    package var rows = 0
    package var parked = 0
    package var waitsFor: [String] = []
    package var turnedAway = 0
    package var setAside = 0
    package var newConflicts = 0
    @OrNull package var error: String?
    package var code: Int32 = 0

    package init(file: String, outcome: String) {
        self.file = file
        self.outcome = outcome
        _error = OrNull(wrappedValue: nil)
    }

    package init(_ file: String, _ report: ApplyReport) {
        let outcome =
            switch report.outcome {
            case .applied: "applied"
            case .alreadyHad: "already_had"
            case .parked: "parked"
            }
        self.init(file: file, outcome: outcome)
        sender = report.sender
        changesets = report.changesets
        rows = report.rows
        parked = report.parked
        waitsFor = report.waitsFor
        turnedAway = report.turnedAway
        setAside = report.setAside
        newConflicts = report.newConflicts
    }

    package init(_ file: String, _ complaint: Complaint) {
        self.init(file: file, outcome: complaint.kind == .refused ? "refused" : "failed")
        error = complaint.sentence
        code = complaint.kind.rawValue
    }

    /// Tells on standard error what is wrong with it, and settles its code.
    package mutating func tell(
        _ complaint: Complaint? = nil, reasons: [String] = [],
        asideHint: String = "`satchel status` names them and says why"
    ) {
        if let complaint {
            Answer.tell(Complaint(complaint.kind, "\(file): \(complaint.sentence)", try: complaint.hint))
        }
        if outcome == "parked" {
            code = max(code, Complaint.Kind.parked.rawValue)
            Answer.tell(
                Complaint(
                    .parked, "\(file) is kept and waits for \(waitsFor.joined(separator: "; "))",
                    try: "bring what it waits for; the order does not matter"))
        }
        if setAside > 0 {
            code = max(code, Complaint.Kind.setAside.rawValue)
            Answer.tell(
                Complaint(
                    .setAside,
                    (["\(file) is taken, but \(counted(setAside, "row")) cannot be shown here"] + reasons)
                        .joined(separator: ": "),
                    try: asideHint))
        }
    }

    /// One line for people.
    package var line: String {
        var words = "\(file): \(outcome.split(separator: "_").joined(separator: " "))"
        if !sender.isEmpty { words += ", from \(sender)" }
        if changesets > 0 { words += ", \(counted(changesets, "changeset"))" }
        if rows > 0 { words += ", \(counted(rows, "row"))" }
        if newConflicts > 0 { words += ", \(counted(newConflicts, "new conflict"))" }
        return words
    }
}

/// A written bundle.
package struct PackTold: Encodable {
    package let file: String
    package let changesets: Int
    package let rows: Int
    package let bytes: Int

    package init(_ file: String, _ report: PackReport) {
        (self.file, changesets, rows, bytes) = (file, report.changesets, report.rows, report.bytes)
    }

    package var line: String {
        "\(file): \(counted(changesets, "changeset")), \(counted(rows, "row")), \(counted(bytes, "byte"))"
    }
}
