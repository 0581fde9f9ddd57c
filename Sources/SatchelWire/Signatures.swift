import Crypto

/// What a signature is for. A signature of one domain never passes for one of another (IDN-1).
enum Domain {
    static let grant = "satchel-grant-1"
    static let device = "satchel-device-1"
    static let root = "satchel-root-1"
    static let origin = "satchel-origin-1"
    static let audience = "satchel-audience-1"
    static let changeset = "satchel-changeset-1"
    static let bundle = "satchel-bundle-1"
    static let erasure = "satchel-erasure-1"
    static let redaction = "satchel-redaction-1"
    static let erased = "satchel-erased-1"
    static let notice = "satchel-notice-1"
    static let scopes = "satchel-scopes-1"

    /// The bytes that are signed: the domain's text, one zero byte, the message.
    static func message(_ message: [UInt8], _ domain: String) -> [UInt8] { Array(domain.utf8) + [0] + message }
}

/// An Ed25519 key pair: a device's, the hub's, or the one-time token's of an enrolment.
public struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new random key.
    public init() {
        let seeded = Randomness.source.flatMap { _ in
            try? Curve25519.Signing.PrivateKey(rawRepresentation: Randomness.bytes(32))
        }
        key = seeded ?? Curve25519.Signing.PrivateKey()
    }

    /// The key of a 32-byte seed (RFC 8032, 5.1.5). Any 32 bytes are a key.
    public init(raw: [UInt8]) throws {
        guard raw.count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw) else {
            throw WireError.damaged("a private key has 32 bytes")
        }
        self.key = key
    }

    /// The 32-byte seed. Whoever has it is the device.
    public var raw: [UInt8] { Array(key.rawRepresentation) }

    /// 32 bytes.
    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    /// 64 bytes over the message in its domain. The domain's text holds no zero byte.
    public func sign(_ message: [UInt8], domain: String) -> [UInt8] {
        // Signing with a valid key fails only when the system has no memory or no randomness left.
        guard let signature = try? key.signature(for: Domain.message(message, domain)) else {
            preconditionFailure("the system's Ed25519 refused to sign")
        }
        return Array(signature)
    }
}

/// Ed25519 checked so that every platform gives the same verdict (IDN-1).
public enum Signatures {
    /// Whether `publicKey` signed the message in its domain. Total: any bytes may be given.
    ///
    /// Refused beyond RFC 8032: public keys that are not canonical or of small order, `S >= L`, and an `R` that is
    /// not canonical or of small order.
    public static func verify(
        _ signature: [UInt8], _ message: [UInt8], domain: String, publicKey: [UInt8]
    ) -> Bool {
        verifyPure(signature, Domain.message(message, domain), publicKey: publicKey)
    }

    /// The same over bytes without a domain: what test vectors of others sign.
    static func verifyPure(_ signature: [UInt8], _ message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, isSound(point: publicKey[...]), isSound(point: signature[0..<32]),
            isBelowOrder(signature[32..<64]),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// Whether 32 bytes may be a public key at all: canonical, and not one of the points of small order.
    public static func isSound(publicKey: [UInt8]) -> Bool { isSound(point: publicKey[...]) }

    private static func isSound(point: ArraySlice<UInt8>) -> Bool {
        guard point.count == 32 else { return false }
        var y = Array(point)
        y[31] &= 0x7F
        return isBelow(y[...], fieldPrime) && !smallOrder.contains(y)
    }

    private static func isBelowOrder(_ scalar: ArraySlice<UInt8>) -> Bool { isBelow(scalar, groupOrder) }

    /// Compares little-endian numbers of equal length. Public data: the time it takes tells nothing.
    private static func isBelow(_ number: ArraySlice<UInt8>, _ bound: [UInt8]) -> Bool {
        for (a, b) in zip(number.reversed(), bound.reversed()) where a != b { return a < b }
        return false
    }

    /// 2^255 − 19, little endian.
    private static let fieldPrime: [UInt8] = [0xED] + Array(repeating: 0xFF, count: 30) + [0x7F]

    /// L = 2^252 + 27742317777372353535851937790883648493, little endian.
    private static let groupOrder: [UInt8] = [
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]

    /// The y coordinates of the eight points whose order divides eight, without the sign bit: order 4 (y = 0),
    /// order 1 (y = 1), order 2 (y = −1), and the two of order 8.
    private static let smallOrder: [[UInt8]] = [
        Array(repeating: 0, count: 32),
        [1] + Array(repeating: 0, count: 31),
        [0xEC] + Array(repeating: 0xFF, count: 30) + [0x7F],
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
            0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
            0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
    ]
}
