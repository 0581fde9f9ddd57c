internal import Foundation
package import SatchelModel
internal import SatchelStore
internal import SatchelTransport
package import SatchelWire

/// Checking and making bundles: what arrives is verified whole before a byte of it is believed.
extension Engine {
    /// Whom a bundle may come from, and that it is meant for this data set and replica (BND-4, IDN-5, IDN-6).
    package func verify(_ path: String) throws -> VerifiedBundle {
        do {
            return try bundleTrust().verify(UnverifiedBundle(path: path))
        } catch let error as BundleTrust.NotForHere {
            throw try refusal(of: error.audience)
        }
    }

    /// What bundles are checked with, for whoever checks them beside the replica.
    package func bundleTrust() throws -> BundleTrust {
        BundleTrust(
            dataSet: dataSet, hubKey: hubKey,
            audiences: Set([origin] + (certificate.grant.map { [$0.audience] } ?? []))
                .union(try store.formerLines().map(\.origin)))
    }

    /// A bundle for somebody else is sound, and of use where it belongs. Whose audience it is is known here of those whose
    /// certificate came here, as it does sideways and at the hub.
    package func refusal(of audience: OriginID) throws -> RefusedBundle {
        func find() throws -> String? {
            try store.authors().first { author in
                guard author.origin != audience else { return true }
                return (try? Certificate(decoding: author.certificate))?.grant?.audience == audience
            }?.name
        }
        let name = try store.db.inTransaction ? find() : reading(find)
        let own = self.certificate.name
        return RefusedBundle(
            description: "This bundle is for \(name ?? "another device, which is not known here"), and this is \(own).",
            try:
                "take it to \(name ?? "the device that it was written for (the hub names a reply after it)"); for \(own), "
                + (isHub
                    ? "devices write bundles with `pack`"
                    : "the hub writes one with `pack --for \(own)`, another device with `pack --have`"))
    }

    /// Checks a changeset against its author's certificate.
    package func verifyAuthor(_ changeset: SealedChangeset) throws {
        guard let author = try store.author(changeset.head.origin), !author.certificate.isEmpty else {
            throw WireError.untrusted("a changeset comes without its author's certificate")
        }
        let key = try Certificate(decoding: author.certificate).deviceKey
        try changeset.verify(publicKey: key)
        try changeset.verifyRedaction(publicKey: changeset.redaction?.signer == .hub ? hubKey : key)
    }

    /// Stores an author if its certificate holds.
    func learn(_ author: Author) throws {
        if !author.certificate.isEmpty {
            let certificate = try Certificate(decoding: author.certificate)
            try certificate.verify(hubKey: hubKey, dataSet: dataSet)
            guard certificate.origin(dataSet: dataSet) == author.origin else {
                throw WireError.untrusted("an author's certificate is another's")
            }
        }
        try store.learn(author)
    }

    package func header(_ kind: BundleKind, for audience: OriginID?) -> BundleHeader {
        let id = Engine.randomBytes(16)
        return BundleHeader(
            kind: kind, dataSet: dataSet, bundle: OriginID(bytes: id) ?? origin, sender: origin, audience: audience,
            made: clock.now(), schema: schemaTag)
    }

    /// Writes a bundle under a temporary name beside `path` and renames it when it is whole and on the disk.
    /// Returns its size in bytes.
    package func write(
        _ path: String, _ header: BundleHeader, _ body: (BundleWriter) throws -> Void
    ) throws -> Int {
        try refuseToReplace(path)
        let temporary = DropFolder.unfinished(path, mark: Engine.randomBytes(4).hex)
        do {
            let writer = try BundleWriter(path: temporary, header: header, certificate: certificate.encoded, key: key)
            try body(writer)
            let bytes = try writer.finish()
            try anchor()
            guard rename(temporary, path) == 0 else {
                throw WireError.io("the bundle could not be put in its place: \(String(cString: strerror(errno)))")
            }
            try syncDirectory(of: path)
            return bytes
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// A bundle may take the place of an older bundle and of nothing else: a replica, say, named by mistake.
    private func refuseToReplace(_ path: String) throws {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        if facts.st_mode & S_IFMT == S_IFREG, facts.st_size == 0 { return }
        if facts.st_mode & S_IFMT == S_IFREG, (try? UnverifiedBundle(path: path).peek()) != nil { return }
        throw UsageError("\(path) is there already and is no bundle", try: "give another path, or move that file away")
    }

    private func syncDirectory(of path: String) throws {
        let directory = path.folderOfPath
        let handle = open(directory.isEmpty ? "." : directory, O_RDONLY)
        guard handle >= 0 else { return }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw WireError.io("the folder of the bundle could not be flushed") }
    }

    /// The certificates of the authors of these changesets, each once.
    package func authors(of dots: [DotID]) throws -> [Author] {
        var seen: Set<OriginID> = []
        var authors: [Author] = []
        for dot in dots {
            let origin = try store.known(dot).dot.origin
            guard seen.insert(origin).inserted, let author = try store.author(origin) else { continue }
            authors.append(author)
        }
        return authors
    }

    /// How this replica stands to the hub. `beyond`: what a `have` lists.
    package func standing(beyond: [Dot] = []) throws -> Standing {
        let fetchAll = try store.meta("fetch_all") != nil
        return Standing(epoch: try epoch, position: fetchAll ? 0 : try position, scopes: try scopes, beyond: beyond)
    }
}
