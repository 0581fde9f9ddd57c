internal import Foundation
internal import Satchel
internal import SatchelStore
internal import SatchelWire

/// Many bundles in one transaction, each a part of it that can be taken back alone (EXC-40).
extension Hub {
    /// What one transaction takes at most: the others wait for it, and all of it is held until it is committed.
    private enum Group {
        static let bundles = 64
        /// Of a bundle that shares one. What can be taken back alone is kept twice until it is certain, so that a larger
        /// one has a transaction of its own.
        static let bundleBytes = 64 << 10
        static let nanoseconds: UInt64 = 100_000_000
    }

    func mergeInGroups(_ queue: Ahead<Incoming>, into report: inout MergeReport) {
        while let first = queue.next() {
            letOthersIn()
            if isSmall(first), let next = queue.peek(), isSmall(next) {
                report.merged += mergeGroup(first, queue)
            } else {
                report.merged += mergeAlone(first)
            }
            do {
                try replica.withEngine { try $0.sweepTraces() }
            } catch {
                report.failures.append(Complaint(error))
            }
        }
        do {
            try clearQuarantineIfDue()
        } catch {
            report.failures.append(Complaint(error))
        }
    }

    private func isSmall(_ incoming: Incoming) -> Bool {
        guard case .success(let bundle) = incoming.bundle else { return true }
        return bundle.bytes <= Group.bundleBytes
    }

    /// Merges the first and as many of the next as go well with it.
    private func mergeGroup(_ first: Incoming, _ queue: Ahead<Incoming>) -> [MergeReport.Merged] {
        var taken: [Incoming] = []
        do {
            return try replica.withEngine { engine in
                let began = DispatchTime.now().uptimeNanoseconds
                return try engine.transaction {
                    var merged: [MergeReport.Merged] = []
                    let accepted = AcceptedStore(engine.store)
                    // What the file's owner wrote is no part of any bundle, and stays whatever becomes of those.
                    try engine.seal()
                    var upNext: Incoming? = first
                    while let incoming = upNext {
                        taken.append(incoming.asItCame)
                        if let one = try mergePart(incoming, accepted, engine) { merged.append(one) }
                        let isFull =
                            taken.count >= Group.bundles
                            || DispatchTime.now().uptimeNanoseconds - began >= Group.nanoseconds
                        upNext = isFull || !(queue.peek().map(isSmall) ?? false) ? nil : queue.next()
                    }
                    try accepted.close()
                    return merged
                }
            }
        } catch {
            // Nothing of the group stands. What the fault of one was must not be that of the others.
            let complaint = Complaint(error)
            if taken.isEmpty { taken = [first] }
            if complaint.kind != .busy { return taken.flatMap(mergeAlone) }
            return taken.map { incoming in
                var merged = MergeReport.Merged(incoming)
                merged.fail(complaint)
                return merged
            }
        }
    }

    /// A part of the caller's transaction. Nil: it was accepted, and is not there any more.
    ///
    /// Throws only what ends the transaction.
    private func mergePart(
        _ incoming: Incoming, _ accepted: AcceptedStore, _ engine: Engine
    ) throws -> MergeReport.Merged? {
        if let entry = incoming.accepted, try !accepted.isWaiting(entry) { return nil }
        let merged = MergeReport.Merged(incoming)
        do {
            return try engine.part { try take(incoming, merged, accepted, engine) }
        } catch {
            guard engine.store.db.inTransaction, Complaint(error).kind == .refused || merged.device.isEmpty else {
                throw error
            }
            return try settle(error, incoming, merged, accepted, engine)
        }
    }

    /// A transaction of its own. Empty: it was accepted, and is not there any more.
    private func mergeAlone(_ incoming: Incoming) -> [MergeReport.Merged] {
        defer { incoming.remove() }
        var merged = MergeReport.Merged(incoming)
        do {
            return try replica.withEngine { engine in
                let accepted = AcceptedStore(engine.store)
                func isGone() throws -> Bool { try incoming.accepted.map { try !accepted.isWaiting($0) } ?? false }
                do {
                    return try engine.transaction {
                        if try isGone() { return [] }
                        let taken = try take(incoming, merged, accepted, engine)
                        try accepted.close()
                        return [taken]
                    }
                } catch {
                    accepted.forget()
                    guard Complaint(error).kind == .refused else {
                        return [try settle(error, incoming, merged, accepted, engine)]
                    }
                    return try engine.transaction {
                        if try isGone() { return [] }
                        let settled = try settle(error, incoming, merged, accepted, engine)
                        try accepted.close()
                        return [settled]
                    }
                }
            }
        } catch {
            merged.fail(Complaint(error))
            return [merged]
        }
    }

    /// In the caller's transaction.
    private func take(
        _ incoming: Incoming, _ blank: MergeReport.Merged, _ accepted: AcceptedStore, _ engine: Engine
    ) throws -> MergeReport.Merged {
        let bundle = try verified(incoming, engine)
        var merged = blank
        try take(bundle, isAccepted: incoming.accepted != nil, engine, &merged)
        if merged.leftOut > 0 {
            try keepAside(incoming, &merged, accepted, engine)
        } else if let entry = incoming.accepted {
            try accepted.finish(entry, merged.device)
        }
        return merged
    }

    /// What became of a bundle of which nothing was taken. In the caller's transaction.
    private func settle(
        _ error: any Error, _ incoming: Incoming, _ blank: MergeReport.Merged, _ accepted: AcceptedStore,
        _ engine: Engine
    ) throws -> MergeReport.Merged {
        let complaint = Complaint(error)
        var merged = blank
        var isUntrusted = false
        if !merged.device.isEmpty, case WireError.untrusted? = error as? WireError { isUntrusted = true }
        merged.fail(complaint)
        if isUntrusted || incoming.accepted != nil && complaint.kind == .refused {
            try keepAside(incoming, &merged, accepted, engine)
        }
        return merged
    }

    /// What was accepted stays where it is, with the reasons; what came as a file is copied to the quarantine. What says
    /// something of an erased row is kept nowhere (ERA-2).
    private func keepAside(
        _ incoming: Incoming, _ merged: inout MergeReport.Merged, _ accepted: AcceptedStore, _ engine: Engine
    ) throws {
        let contents = try incoming.contents()
        if try namesErased(contents, engine) {
            if let entry = incoming.accepted {
                try accepted.remove(entry)
                try engine.store.setMeta("erasure_traces", .integer(1))
            }
            merged.reasons.append("it says something of what was erased, and is kept nowhere")
        } else if let entry = incoming.accepted {
            try accepted.refuse(entry, merged.reasons.joined(separator: "; "))
        } else {
            try quarantine(contents, device: merged.device)
        }
    }

    /// Of what cannot be read nobody can tell; an erasure lists it.
    private func namesErased(_ contents: [UInt8], _ engine: Engine) throws -> Bool {
        do {
            return try engine.holdsErased(UnverifiedBundle(bytes: contents))
        } catch is WireError {
            return false
        }
    }

    private func verified(_ incoming: Incoming, _ engine: Engine) throws -> VerifiedBundle {
        let bundle: VerifiedBundle
        do {
            bundle = try incoming.bundle.get()
        } catch let error as BundleTrust.NotForHere {
            throw try engine.refusal(of: error.audience)
        }
        try Self.checkKind(bundle)
        return bundle
    }

    /// Only changes can be merged.
    static func checkKind(_ bundle: VerifiedBundle) throws {
        guard bundle.header.kind == .up || bundle.header.kind == .sideways else {
            throw Complaint(
                .refused, "only a device's bundle of changes can be merged at the hub",
                try: "`satchel inspect` says what this one is")
        }
    }
}

extension MergeReport.Merged {
    init(_ incoming: Incoming) {
        let bundle = try? incoming.bundle.get()
        self.init(
            path: incoming.name, outcome: .applied, device: bundle?.certificate.name ?? "", changesets: 0, rows: 0,
            bytes: bundle?.bytes ?? 0, newConflicts: 0, setAside: 0, reasons: [])
    }

    mutating func fail(_ complaint: Complaint) {
        outcome = complaint.kind == .refused ? .refused : .failed
        self.complaint = complaint
        reasons = [complaint.sentence]
    }
}
