public import SatchelModel

extension SealedChangeset {
    /// Signs a changeset. The hash and length of the content are filled in here; actor and note are cut to fit.
    ///
    /// The content must not pass `Limits.contentBytes`: nobody would take it.
    public static func seal(_ head: ChangesetHeader, content: [UInt8], key: SigningKey) -> SealedChangeset {
        precondition(content.count <= Limits.contentBytes, "a changeset's content has a limit")
        precondition(head.sequence >= 1 && head.sequence < Limits.sequence, "sequences count from 1")
        precondition((head.sequence == 1) == (head.previous == .zero), "only the first has no predecessor")
        var head = head
        head.content = sha256(content)
        head.contentLength = UInt64(content.count)
        head.actor = head.actor.clipped(bytes: HeaderCoding.textBytes)
        head.note = head.note.clipped(bytes: HeaderCoding.textBytes)
        let header = HeaderCoding.encode(head)
        let hash = sha256(header)
        return SealedChangeset(
            head: head, header: header, hash: hash, signature: key.sign(hash.bytes, domain: Domain.changeset),
            content: content)
    }

    /// Parses the header and checks that the content is the one it names, unless somebody says that they put another
    /// in its place. No signature is checked here.
    public init(
        header: [UInt8], signature: [UInt8], content: [UInt8], redaction: Redaction? = nil
    ) throws(WireError) {
        let head = try HeaderCoding.decode(header)
        guard signature.count == 64 else { throw .damaged("a changeset's signature has 64 bytes") }
        guard redaction != nil || head.contentLength == UInt64(content.count) && head.content == sha256(content) else {
            throw .damaged("a changeset's content is not the one that its header names")
        }
        self.init(head: head, header: header, hash: sha256(header), signature: signature, content: content)
        self.redaction = redaction
    }

    /// Throws `untrusted` unless the owner of the key signed the header. Whether the key is that of the header's
    /// origin is for the caller to check, against the author's certificate.
    public func verify(publicKey: [UInt8]) throws(WireError) {
        guard
            CheckMemory.verify(
                signature, sha256(header).bytes, domain: Domain.changeset, publicKey: publicKey)
        else {
            throw .untrusted("a changeset is not signed by its author")
        }
    }
}
