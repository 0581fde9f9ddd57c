import Foundation
import SatchelModel
import Testing

@testable import SatchelWire

@Suite("IDN-1, IDN-2, IDN-3, IDN-4, IDN-5, IDN-6: identity")
struct IdentityTests {
    @Test("IDN-3: certificates and grants come back, and lead from the hub to the device")
    func certificates() throws {
        let world = try World()
        defer { world.remove() }
        let certificate = world.certificate
        try certificate.verify(hubKey: world.hub.publicKey, dataSet: world.dataSet)
        #expect(try Certificate(decoding: certificate.encoded) == certificate)
        #expect(try Grant(decoding: world.grant.encoded) == world.grant)
        #expect(certificate.name == "李娜")
        let root = Certificate.root(hub: world.hub, dataSet: world.dataSet, incarnation: world.incarnation)
        try root.verify(hubKey: world.hub.publicKey, dataSet: world.dataSet)
        #expect(try Certificate(decoding: root.encoded) == root)
        #expect(throws: WireError.self) { try Certificate(decoding: certificate.encoded + [0]) }
    }

    @Test("IDN-4: the bytes of a grant are those of the table, and what may not be there is refused")
    func grants() throws {
        let world = try World()
        defer { world.remove() }
        let body: [UInt8] =
            world.dataSet.bytes + world.token.publicKey + [6] + Array("李娜".utf8) + [2, 5] + Array("north".utf8) + [4]
            + Array("east".utf8)
        let grant = world.grant
        #expect(Array(grant.encoded.dropLast(64)) == body)
        let signature = Array(grant.encoded.suffix(64))
        #expect(
            Signatures.verify(signature, body, domain: "satchel-grant-1", publicKey: world.hub.publicKey),
            "the hub's signature over what comes before it")
        #expect(throws: WireError.self) { try Grant(decoding: grant.encoded + [0]) }
        // 257 scopes without a name.
        let many = world.dataSet.bytes + world.token.publicKey + [0, 0x81, 0x02] + Array(repeating: 0, count: 257)
        #expect(throws: WireError.self) { try Grant(decoding: many + signature) }
    }

    @Test("IDN-6: an audience is of the token and the data set, before there is a key and whatever the incarnation")
    func audiences() throws {
        let world = try World()
        defer { world.remove() }
        let expected = sha256(
            Array("satchel-audience-1".utf8) + [0] + world.dataSet.bytes + world.token.publicKey)
        #expect(world.grant.audience.bytes == Array(expected.bytes.prefix(16)))
        let renewed = world.certificate.renewed(incarnation: Array(repeating: 9, count: 16))
        #expect(renewed.grant?.audience == world.grant.audience)
    }

    @Test("REV-7: the bytes of a notice are those of the rule, and the hub's signature is over the data set and them")
    func notices() throws {
        let world = try World()
        defer { world.remove() }
        let (dot, time) = (Samples.dot(1), Timestamp(milliseconds: 7))
        let seen = VersionVector(heads: [.init(dot)])
        // One head of one origin: number, origin, one sequence (a constant), tag.
        let cut: [UInt8] =
            [1] + dot.origin.bytes + [0] + [UInt8(dot.sequence << 1)] + dot.tag.bigEndianBytes
        let revocation = SealedNotice.seal(
            .revocation(Revocation(tokenKey: world.token.publicKey, name: "平板", time: time, cut: seen)),
            dataSet: world.dataSet, key: world.hub)
        let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 7]
        #expect(revocation.bytes == [1, 1] + head + world.token.publicKey + [6] + Array("平板".utf8) + cut)
        // One dot: number, origins and the origin; by index, by sequence, each a constant; tag.
        let dots: [UInt8] =
            [1, 1] + dot.origin.bytes + [0, 0, 0, UInt8(dot.sequence << 1)] + dot.tag.bigEndianBytes
        let release = SealedNotice.seal(
            .release(Release(time: time, dots: [dot])), dataSet: world.dataSet, key: world.hub)
        #expect(release.bytes == [1, 2] + head + dots)
        let device = Array(repeating: UInt8(5), count: 32)
        let binding = SealedNotice.seal(
            .binding(Binding(tokenKey: world.token.publicKey, deviceKey: device, time: time)), dataSet: world.dataSet,
            key: world.hub)
        #expect(binding.bytes == [1, 3] + head + world.token.publicKey + device)
        for notice in [revocation, release, binding] {
            #expect(notice.hash == sha256(notice.bytes))
            #expect(
                Signatures.verify(
                    notice.signature, world.dataSet.bytes + notice.bytes, domain: "satchel-notice-1",
                    publicKey: world.hub.publicKey))
            try SealedNotice(bytes: notice.bytes, signature: notice.signature)
                .verify(hubKey: world.hub.publicKey, dataSet: world.dataSet)
            #expect(throws: WireError.self) {
                try notice.verify(hubKey: world.hub.publicKey, dataSet: sha256([1]))
            }
        }
    }

    @Test("ERA-3: a row is named by 16 bytes of a salted hash of its table and key")
    func recognizers() throws {
        let salt = Array(repeating: UInt8(7), count: 32)
        let key = RowKey([.text("c1"), .integer(2)])
        var named = Array("satchel-erased-1".utf8) + [0] + salt
        named += [3, 0, 0, 0, 0, 0, 0, 0, 6] + Array("client".utf8)
        named += [3, 0, 0, 0, 0, 0, 0, 0, 2] + Array("c1".utf8) + [1, 0, 0, 0, 0, 0, 0, 0, 2]
        let expected = Array(sha256(named).bytes.prefix(16))
        #expect(ErasureOrder.recognizer(salt: salt, table: "client", key: key) == expected)
        let other = Array(repeating: UInt8(8), count: 32)
        #expect(ErasureOrder.recognizer(salt: other, table: "client", key: key) != expected)
    }

    @Test("IDN-2: a new incarnation is a new origin under the same certificate")
    func incarnations() throws {
        let world = try World()
        defer { world.remove() }
        let renewed = world.certificate.renewed(incarnation: Array(repeating: 9, count: 16))
        try renewed.verify(hubKey: world.hub.publicKey, dataSet: world.dataSet)
        #expect(renewed.origin(dataSet: world.dataSet) != world.origin)
        let expected = sha256(
            Array("satchel-origin-1".utf8) + [0] + world.device.publicKey + world.dataSet.bytes + world.incarnation)
        #expect(world.origin.bytes == Array(expected.bytes.prefix(16)))
    }

    @Test("IDN-5: every flipped bit of a certificate but the incarnation's is refused")
    func flips() throws {
        let world = try World()
        defer { world.remove() }
        let bytes = world.certificate.encoded
        let incarnation = (bytes.count - 80)..<(bytes.count - 64)
        for index in bytes.indices where !incarnation.contains(index) {
            var flipped = bytes
            flipped[index] ^= 1 << UInt8(index % 8)
            #expect(throws: WireError.self, "byte \(index)") {
                try Certificate(decoding: flipped).verify(hubKey: world.hub.publicKey, dataSet: world.dataSet)
            }
        }
    }

    @Test("IDN-5: another hub, another data set, another token and the hub's own key on a device are refused")
    func wrongChains() throws {
        let world = try World()
        defer { world.remove() }
        let other = sha256([1])
        func refuse(_ certificate: Certificate, hub: SigningKey, _ dataSet: Hash256) {
            #expect(throws: WireError.self) { try certificate.verify(hubKey: hub.publicKey, dataSet: dataSet) }
        }
        refuse(world.certificate, hub: world.stranger, world.dataSet)
        refuse(world.certificate, hub: world.hub, other)
        let root = Certificate.root(hub: world.hub, dataSet: world.dataSet, incarnation: world.incarnation)
        refuse(root, hub: world.stranger, world.dataSet)
        refuse(root, hub: world.hub, other)
        let disguised = Certificate.issue(
            grant: world.grant, token: world.token, device: world.hub, incarnation: world.incarnation)
        refuse(disguised, hub: world.hub, world.dataSet)
    }

    @Test("IDN-1: a signature of one domain does not pass for another")
    func domains() throws {
        let world = try World()
        defer { world.remove() }
        let signature = world.device.sign([1, 2], domain: "a")
        #expect(Signatures.verify(signature, [1, 2], domain: "a", publicKey: world.device.publicKey))
        #expect(!Signatures.verify(signature, [1, 2], domain: "b", publicKey: world.device.publicKey))
        #expect(!Signatures.verify(signature, [1, 3], domain: "a", publicKey: world.device.publicKey))
        #expect(!Signatures.verify([], [1, 2], domain: "a", publicKey: []))
    }

    @Test("IDN-1: keys of small order and keys that are not canonical are refused")
    func weakKeys() {
        let small = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ]
        for text in small {
            let key = Array<UInt8>(hex: text) ?? []
            #expect(key.count == 32 && !Signatures.isSound(publicKey: key), "\(text)")
            // R = the same point, S = 0: a signature over anything for a verifier that is not strict.
            #expect(!Signatures.verifyPure(key + Array(repeating: 0, count: 32), [1], publicKey: key))
        }
    }

    @Test("IDN-1: RFC 8032, test 2, and the same signature with S + L")
    func knownSignature() throws {
        let seed = Array<UInt8>(hex: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb") ?? []
        let key = try SigningKey(raw: seed)
        #expect(key.publicKey.hex == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        let signature =
            Array<UInt8>(
                hex:
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ) ?? []
        #expect(Signatures.verifyPure(signature, [0x72], publicKey: key.publicKey))
        let order = Array<UInt8>(hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010") ?? []
        var malleable = signature
        var carry = 0
        for index in 0..<32 {
            carry += Int(malleable[32 + index]) + Int(order[index])
            malleable[32 + index] = UInt8(carry & 255)
            carry >>= 8
        }
        #expect(!Signatures.verifyPure(malleable, [0x72], publicKey: key.publicKey))
    }
}

/// The published vectors of the Wycheproof project, where the shared folder is at hand.
@Suite("IDN-1: Wycheproof")
struct WycheproofTests {
    static let archive: String? = {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["SATCHEL_SHARED"]
            ?? here.deletingLastPathComponent().appendingPathComponent("shared").path
        let path = shared + "/data/vectors/wycheproof_subset.tar.gz"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    @Test(
        "every Ed25519 vector gets the verdict that its authors give",
        .enabled(if: archive != nil, "skipped: no shared folder"))
    func vectors() throws {
        let world = try World()
        defer { world.remove() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tar")
        process.arguments = ["xzf", Self.archive ?? "", "-C", world.directory.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let files =
            FileManager.default.enumerator(at: world.directory, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.lastPathComponent.hasPrefix("ed25519") } ?? []
        var count = 0
        for file in files {
            let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
            for group in vectors.testGroups {
                for test in group.tests {
                    let taken = Signatures.verifyPure(
                        Array(hex: test.sig) ?? [], Array(hex: test.msg) ?? [],
                        publicKey: Array(hex: group.publicKey.pk) ?? [])
                    #expect(taken == (test.result == "valid"), "\(test.tcId): \(test.comment)")
                    count += 1
                }
            }
        }
        #expect(count >= 150)
    }

    private struct Vectors: Decodable {
        struct Group: Decodable {
            struct Key: Decodable { let pk: String }
            struct Case: Decodable {
                let tcId: Int
                let comment: String, msg: String, sig: String, result: String
            }
            let publicKey: Key
            let tests: [Case]
        }
        let testGroups: [Group]
    }
}
