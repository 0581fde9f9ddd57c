import SatchelModel
import SatchelWire
import Testing

@Suite("BND-1: bundles")
struct BundleTests {
    static func items(_ world: World) throws -> [BundleItem] {
        let fork = Dot(origin: Samples.dot(1).origin, sequence: Samples.dot(1).sequence, tag: 5)
        let vector = VersionVector(heads: [.init(Samples.dot(1)), .init(fork), .init(Samples.dot(2))])
        let content = ContentCoding.encode(Samples.small())
        return [
            .standing(Standing(epoch: 3, position: 812_345, scopes: 7, beyond: [Samples.dot(1), fork])),
            .author(Author(origin: world.origin, name: "李娜", certificate: world.certificate.encoded)),
            .changeset(SealedChangeset.seal(world.head(rows: 27), content: content, key: world.device)),
            .reply(
                Reply(
                    epoch: 3, from: 1, position: 2, snapshot: true, scopes: .max, clock: vector,
                    time: Timestamp(milliseconds: -1), ahead: -5, yours: world.origin,
                    toldFrom: 3, told: [Samples.dot(3), Samples.dot(4)], waiting: [Samples.dot(6)],
                    lost: [Samples.dot(5)], horizon: 1,
                    epochs: [HubEpoch(number: 1, start: 0), HubEpoch(number: 3, start: 9)],
                    adopted: HubPoint(epoch: 1, position: 12), accounted: [Samples.dot(8)])),
            .dots(Samples.known()),
            .state(Samples.state()),
            .erasure(try SignedErasure.sign(Samples.order(), key: world.hub)),
            .erased(ErasureStanding(epoch: 3, position: 812_345, orders: .max)),
            .changeset(
                SealedChangeset.seal(world.head(rows: 27), content: content, key: world.device)
                    .redacted(to: ContentCoding.encode(Content()), by: .hub, key: world.hub)),
            .notice(
                .seal(
                    .revocation(
                        Revocation(
                            tokenKey: world.token.publicKey, name: "平板", time: Timestamp(milliseconds: 7), cut: vector)),
                    dataSet: world.dataSet, key: world.hub)),
            .notice(
                .seal(
                    .release(Release(time: Timestamp(milliseconds: 8), dots: [Samples.dot(5)])),
                    dataSet: world.dataSet, key: world.hub)),
            .handIn(HandIn(point: HubPoint(epoch: 1, position: 12), known: [Samples.dot(2)])),
            .causes([
                Cause(
                    dot: Samples.dot(6), time: Timestamp(milliseconds: 9), made: Timestamp(milliseconds: 12),
                    device: "平板"),
                Cause(dot: Samples.dot(7), time: Timestamp(milliseconds: -9), made: nil, device: ""),
            ]),
            .bases([
                ConflictBase(conflict: "0123456789", values: [.text("甲"), .null]),
                ConflictBase(conflict: "abcdefabcd", values: [.integer(.min)]),
            ]),
            .schema(SchemaOffer(version: 7, text: "-- satchel: version 7\nCREATE TABLE 客户(id TEXT PRIMARY KEY);")),
            .left([OriginID(high: 5, low: 6), OriginID(high: 7, low: 8)]),
            .confinement(
                Confinement(
                    claimed: 9,
                    left: [.init(table: "客户", keyColumns: ["a", "b"], keys: [RowKey([.text("x"), .integer(-1)])])],
                    kept: [])),
            .scopes(
                ScopeCertificate.issue(
                    audience: OriginID(high: 1, low: 2), dataSet: world.dataSet, epoch: 3, position: 4,
                    scopes: [
                        ScopeDefinition(
                            name: "王芳",
                            rules: [
                                ScopeRule(table: "client", kind: .by(column: "owner", value: .text("王'芳"))),
                                ScopeRule(table: "visit", kind: .within(["client_id"])),
                            ])
                    ], hubKey: world.hub)),
        ]
    }

    static func expectEqual(_ a: [BundleItem], _ b: [BundleItem]) {
        #expect(a.count == b.count)
        for (a, b) in zip(a, b) {
            switch (a, b) {
            case (.standing(let a), .standing(let b)): #expect(a == b)
            case (.author(let a), .author(let b)): #expect(a == b)
            case (.reply(let a), .reply(let b)): #expect(a == b)
            case (.dots(let a), .dots(let b)): #expect(a == b)
            case (.handIn(let a), .handIn(let b)): #expect(a == b)
            case (.notice(let a), .notice(let b)): #expect(a.bytes == b.bytes && a.notice == b.notice)
            case (.state(let a), .state(let b)): #expect(a == b)
            case (.causes(let a), .causes(let b)): #expect(a == b)
            case (.bases(let a), .bases(let b)): #expect(a == b)
            case (.schema(let a), .schema(let b)): #expect(a == b)
            case (.left(let a), .left(let b)): #expect(a == b)
            case (.confinement(let a), .confinement(let b)): #expect(a == b)
            case (.scopes(let a), .scopes(let b)):
                // Signing twice need not give one signature (IDN-1).
                #expect(a.scopes == b.scopes && a.audience == b.audience && a.position == b.position)
            case (.changeset(let a), .changeset(let b)):
                #expect(a.header == b.header && a.content == b.content && a.signature == b.signature)
                #expect(a.hash == b.hash && a.head == b.head && a.redaction == b.redaction)
            case (.erasure(let a), .erasure(let b)): #expect(a == b)
            case (.erased(let a), .erased(let b)): #expect(a == b)
            default: Issue.record("another kind of item")
            }
        }
    }

    @Test("BND-40, BND-55: every kind of item comes back as it was")
    func roundTrip() throws {
        let world = try World()
        defer { world.remove() }
        let items = try Self.items(world)
        let size = try world.write(items, to: "b")
        let bundle = try world.verify("b")
        #expect(bundle.bytes == size)
        #expect(bundle.header == world.header())
        #expect(bundle.certificate == world.certificate)
        Self.expectEqual(try world.read("b"), items)
        let peeked = try UnverifiedBundle(path: world.file("b")).peek()
        #expect(peeked.header == world.header() && peeked.certificate == world.certificate.encoded)
    }

    @Test("BND-4: an audience and every kind of bundle come back")
    func headers() throws {
        let world = try World()
        defer { world.remove() }
        for kind in [BundleKind.up, .down, .sideways, .have] {
            var header = world.header(kind)
            header.audience = OriginID(high: 5, low: 6)
            try world.write([], to: "b", header: header)
            #expect(try world.verify("b").header == header)
            #expect(try world.read("b").isEmpty)
        }
    }

    @Test("BND-3: an item longer than a part spans frames and parts, and comes back")
    func parts() throws {
        let world = try World()
        defer { world.remove() }
        var random = Seeded(state: 11)
        let noise = random.bytes(9_500_000)
        var content = Samples.small()
        content.sections[1].units = [
            UnitPart(
                name: "photo", columns: ["photo"],
                values: [ValueColumn([.blob(noise), .blob(Array(repeating: 0, count: 9_000_000))])],
                replaced: DotLists())
        ]
        let changeset = SealedChangeset.seal(world.head(), content: ContentCoding.encode(content), key: world.device)
        let items: [BundleItem] = [.changeset(changeset)] + (try Self.items(world))
        try world.write(items, to: "b")
        let back = try world.read("b")
        Self.expectEqual(back, items)
        guard case .changeset(let first) = back[0] else { return }
        #expect(try ContentCoding.decode(first.content) == content)
        let boundaries = Splices.parts(try world.bytes("b")).count
        #expect(boundaries == 2)
    }

    @Test("BND-46: a section whose dots did not come before it is not written")
    func dotsFirst() throws {
        let world = try World()
        defer { world.remove() }
        #expect(throws: WireError.self) { try world.write([.state(Samples.state())], to: "b") }
        #expect(throws: WireError.self) {
            try world.write([.dots(Array(Samples.known().prefix(2))), .state(Samples.state())], to: "b")
        }
        let split: [BundleItem] = [
            .dots(Array(Samples.known().prefix(2))), .dots(Array(Samples.known().suffix(2))), .state(Samples.state()),
        ]
        try world.write(split, to: "b")
        Self.expectEqual(try world.read("b"), split)
    }

    @Test("BND-47: a state is written in the order of its dots, and one that does not fit its units not at all")
    func detailedStates() throws {
        let world = try World()
        defer { world.remove() }
        var section = Samples.state()
        section.detailed[0].state.units[1].candidates.reverse()
        try world.write([.dots(Samples.known()), .state(section)], to: "b")
        Self.expectEqual(try world.read("b"), [.dots(Samples.known()), .state(Samples.state())])
        section.detailed[0].state.units[1].candidates[0].values = []
        #expect(throws: WireError.self) { try world.write([.dots(Samples.known()), .state(section)], to: "b") }
    }

    @Test("BND-43, EXC-32: what was sealed together is read together, in its order, or refused")
    func wholeSeals() throws {
        let world = try World()
        defer { world.remove() }
        func part(_ sequence: UInt64, more: UInt32, after previous: SealedChangeset?) -> SealedChangeset {
            var head = world.head(sequence, previous: previous?.hash ?? .zero)
            head.more = more
            return SealedChangeset.seal(head, content: ContentCoding.encode(Content()), key: world.device)
        }
        let first = part(1, more: 2, after: nil)
        let second = part(2, more: 1, after: first)
        let third = part(3, more: 0, after: second)
        let standing = try BundleTests.items(world)[0]
        try world.write([.changeset(first), standing, .changeset(second), .changeset(third)], to: "whole")
        #expect(try world.read("whole").count == 4)
        let parts: [[SealedChangeset]] = [
            [first], [first, second], [first, third], [first, third, second], [second, first, third],
            [first, second, part(3, more: 0, after: first)],
        ]
        for (index, part) in parts.enumerated() {
            try world.write(part.map { .changeset($0) }, to: "part\(index)")
            #expect(throws: WireError.self, "\(index)") { try world.read("part\(index)") }
        }
        // Who holds the first already is told nothing by the others' coming alone: they go on with it.
        try world.write([.changeset(second), .changeset(third)], to: "rest")
        #expect(try world.read("rest").count == 2)
    }

    @Test("BND-13: a bundle that is changed between the check and the reading is noticed")
    func changedAfterwards() throws {
        let world = try World()
        defer { world.remove() }
        try world.write(Self.items(world), to: "b")
        let bundle = try world.verify("b")
        // Another bundle of the same sender, written into the same file.
        try world.write([], to: "b", header: world.header(bundle: 10))
        #expect(throws: WireError.self) { try bundle.forEach { _ in } }
    }

    @Test("BND-20: a changeset with another content or header, or by another key, is refused")
    func changesets() throws {
        let world = try World()
        defer { world.remove() }
        let sealed = SealedChangeset.seal(world.head(), content: [1, 2, 3], key: world.device)
        try sealed.verify(publicKey: world.device.publicKey)
        #expect(sealed.hash == sha256(sealed.header))
        #expect(sealed.head.content == sha256([1, 2, 3]))
        #expect(throws: WireError.self) { try sealed.verify(publicKey: world.stranger.publicKey) }
        #expect(throws: WireError.self) {
            try SealedChangeset(header: sealed.header, signature: sealed.signature, content: [1, 2, 4])
        }
        for index in sealed.header.indices {
            for bit in 0..<8 {
                var header = sealed.header
                header[index] ^= 1 << UInt8(bit)
                guard
                    let changed = try? SealedChangeset(header: header, signature: sealed.signature, content: [1, 2, 3])
                else { continue }
                #expect(throws: WireError.self) { try changed.verify(publicKey: world.device.publicKey) }
            }
        }
    }

    @Test("BND-20: an actor beyond 255 bytes is cut at a character, so that peers can read the header")
    func longActor() throws {
        let world = try World()
        defer { world.remove() }
        var head = world.head()
        head.actor = String(repeating: "中", count: 100)
        let sealed = SealedChangeset.seal(head, content: [], key: world.device)
        #expect(sealed.head.actor == String(repeating: "中", count: 85))
        #expect(try HeaderCoding.decode(sealed.header) == sealed.head)
    }

    @Test("BND-20: a clock of 65,536 entries is taken, of one more refused")
    func clockLimit() throws {
        let world = try World()
        defer { world.remove() }
        func head(_ count: UInt64) -> ChangesetHeader {
            var head = world.head()
            let entries = (0..<count).map {
                VersionVector.Entry(origin: OriginID(high: 1, low: $0), sequence: 1, tag: $0)
            }
            head.clock = CausalClock(epoch: 1, position: 1, others: VersionVector(heads: entries))
            return head
        }
        #expect(try HeaderCoding.decode(HeaderCoding.encode(head(65_536))) == head(65_536))
        #expect(throws: WireError.tooLarge("changeset header: clock entries")) {
            try HeaderCoding.decode(HeaderCoding.encode(head(65_537)))
        }
    }
}
