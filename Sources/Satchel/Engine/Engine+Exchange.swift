package import SatchelModel
internal import SatchelStore
package import SatchelWire

/// What was packed into a bundle.
public struct PackReport: Sendable {
    public var changesets: Int
    public var rows: Int
    /// Bytes of the file.
    public var bytes: Int
}

/// Up to the hub and sideways to other devices: changesets, whole.
extension Engine {
    /// Everything the hub has not receipted, with a request for what is missing here. Always writes a file.
    package func packUp(to path: String) throws -> PackReport {
        try transaction {
            try seal()
            let dots = try store.dots(.pending) + store.dots(.parked)
            return try pack(dots, header(.up, for: nil), to: path) { try $0.append(.standing(self.standing())) }
        }
    }

    /// What this replica has, for another to work out what it lacks.
    package func writeHave(to path: String) throws -> Int {
        try transaction {
            try seal()
            let standing = try self.standing()
            return try write(path, header(.have, for: nil)) { try $0.append(.standing(standing)) }
        }
    }

    /// What the replica that made the `have` lacks of what is pending or parked here (EXC-21).
    package func packSideways(have: String, to path: String) throws -> PackReport {
        let bundle = try verify(have)
        guard bundle.header.kind == .have else {
            throw RefusedBundle(description: "This is not a file that `have` made.")
        }
        var theirs: Standing?
        try bundle.forEach { item in if case .standing(let standing) = item { theirs = standing } }
        guard let theirs else { throw WireError.damaged("the `have` file says nothing") }
        return try transaction {
            try seal()
            var dots: [DotID] = []
            for dot in try store.dots(.pending) + store.dots(.parked) {
                if try !theirs.beyond.contains(store.known(dot).dot) { dots.append(dot) }
            }
            return try pack(dots, header(.sideways, for: bundle.header.sender), to: path) { _ in }
        }
    }

    private func pack(
        _ dots: [DotID], _ header: BundleHeader, to path: String, first: (BundleWriter) throws -> Void
    ) throws -> PackReport {
        var report = PackReport(changesets: 0, rows: 0, bytes: 0)
        report.bytes = try write(path, header) { writer in
            try first(writer)
            for author in try authors(of: dots) where author.origin != origin { try writer.append(.author(author)) }
            for dot in dots {
                guard let changeset = try sealed(dot) else { continue }
                try writer.append(.changeset(changeset))
                report.changesets += 1
                report.rows += Int(changeset.head.rows)
            }
        }
        return report
    }

    /// Takes in the changesets of a verified bundle, in the caller's transaction. Returns the sender's standing if
    /// the bundle carries one.
    ///
    /// `isAdmitted` says of each author's certificate whether its changesets may be taken; those of others are left
    /// out, counted, and hold up nothing else.
    package func takeIn(
        _ bundle: VerifiedBundle, intake: inout Intake, isAdmitted: (Certificate) throws -> Bool = { _ in true }
    ) throws -> Standing? {
        try seal()
        try learn(
            Author(origin: bundle.header.sender, name: bundle.certificate.name, certificate: bundle.certificate.encoded)
        )
        let batch = RowBatch(store: store)
        var standing: Standing?
        try bundle.forEach { item in
            switch item {
            case .standing(let theirs): standing = theirs
            case .author(let author):
                if try isAdmitted(Certificate(decoding: author.certificate)) {
                    try learn(author)
                } else {
                    intake.strangers.insert(author.origin)
                }
            case .changeset(let changeset):
                if intake.strangers.contains(changeset.head.origin) { return }
                try verifyAuthor(changeset)
                try receive(changeset, batch: batch, intake: &intake)
            case .reply, .dots, .state, .confinement, .scopes:
                throw WireError.damaged("a bundle of changesets carries state")
            }
        }
        try unpark(batch: batch, intake: &intake)
        try batch.settle()
        return standing
    }
}
