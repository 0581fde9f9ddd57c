public import Satchel
internal import SatchelStore
internal import SatchelWire

/// One line of the hub's log: a changeset and when it came.
public struct LogLine: Sendable {
    public let position: UInt64
    public let dot: Dot
    public let device: String
    public let actor: String
    public let note: String
    public let time: Timestamp
    public let rows: Int
    /// Bytes of its content before compression.
    public let bytes: Int
    /// A person was erased from it: its content is not the author's any more.
    public let isRedacted: Bool
}

/// What a check of the whole hub found.
public struct VerifyReport: Sendable {
    public var changesets = 0
    public var rows = 0
    /// Changesets that a person was erased from: the chain of headers holds, and the hub or the author vouches for
    /// what is left of the content.
    public var redacted = 0
    /// What is wrong, in sentences. Empty: nothing.
    public var faults: [String] = []
}

extension Hub {
    /// The changesets in the order in which they were merged, after a position.
    public func log(after position: UInt64 = 0) throws -> [LogLine] {
        try replica.withEngine { engine in
            try engine.transaction {
                try engine.store.dots(after: position).compactMap { id in
                    guard let kept = try engine.store.changeset(id), let changeset = try engine.sealed(id) else {
                        return nil
                    }
                    return LogLine(
                        position: kept.arrival, dot: changeset.dot,
                        device: try engine.store.author(changeset.head.origin)?.name ?? "",
                        actor: changeset.head.actor, note: changeset.head.note, time: changeset.head.time,
                        rows: Int(changeset.head.rows), bytes: kept.length, isRedacted: changeset.redaction != nil)
                }
            }
        }
    }

    /// Checks every changeset against its hash, signature and predecessor, and the file against itself.
    /// O(everything).
    public func verify() throws -> VerifyReport {
        try replica.withEngine { engine in try engine.transaction { try verify(engine) } }
    }

    private func verify(_ engine: Engine) throws -> VerifyReport {
        var report = VerifyReport()
        // A line that is forked has several of one sequence, each with its own chain (EXC-27).
        var heads: [OriginID: [UInt64: Set<Hash256>]] = [:]
        // What was declared lost comes after what follows it, if it comes (EXC-31).
        var open: [(dot: Dot, previous: Hash256)] = []
        for id in try engine.store.dots(after: 0) {
            do {
                guard let changeset = try engine.sealed(id) else { continue }
                report.changesets += 1
                if changeset.redaction != nil { report.redacted += 1 }
                report.rows += Int(changeset.head.rows)
                try engine.verifyAuthor(changeset)
                let (dot, previous) = (changeset.dot, changeset.head.previous)
                if !(heads[dot.origin]?[dot.sequence - 1] ?? [.zero]).contains(previous) {
                    open.append((dot, previous))
                }
                heads[dot.origin, default: [:]][dot.sequence, default: []].insert(changeset.hash)
            } catch let error as WireError {
                report.faults.append("a changeset is damaged: \(error.sentence)")
            }
        }
        for (dot, previous) in open where heads[dot.origin]?[dot.sequence - 1]?.contains(previous) != true {
            // What a hub that was put back gets again need not hold the one before, of a forked line beside the other
            // branch's (EXC-29).
            if try engine.store.wasRestored() { break }
            report.faults.append("changeset \(dot) does not follow the one before it")
        }
        report.faults += try engine.damage() + engine.danglingReferences()
        return report
    }
}
