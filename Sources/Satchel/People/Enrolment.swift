internal import Foundation
package import SatchelModel
package import SatchelWire

/// What a device needs to join a data set: a one-time token, the hub's key, the schema and its scopes
/// (`Protocol/identity.md`). Never a device key: the device makes its own.
///
/// Whoever holds it first may join; carry it like a key.
public struct Enrolment: Codable, Sendable {
    public let format: Int
    public let name: String
    public let displayName: String
    /// 64 hexadecimal digits.
    public let dataSet: String
    public let hubKey: String
    /// The private half of the one-time token, 64 hexadecimal digits.
    public let token: String
    /// The hub's signed grant to whoever holds the token, in hexadecimal digits.
    public let grant: String
    public let scopes: [String]
    /// The text of the schema.
    public let schema: String

    /// Issues an enrolment. `hubKey` signs the grant.
    package static func issue(
        dataSet: Hash256, hubKey: SigningKey, name: String, displayName: String, scopes: [String], schema: String
    ) -> Enrolment {
        let token = SigningKey()
        let grant = Grant.issue(
            dataSet: dataSet, tokenKey: token.publicKey, name: name, scopes: scopes, hubKey: hubKey)
        return Enrolment(
            format: 1, name: name, displayName: displayName, dataSet: dataSet.bytes.hex, hubKey: hubKey.publicKey.hex,
            token: token.raw.hex, grant: grant.encoded.hex, scopes: scopes, schema: schema)
    }

    /// Reads an enrolment file. Throws a `UsageError` if it is none.
    public init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UsageError("the enrolment file \(path) cannot be read", try: "check the path")
        }
        do {
            self = try JSONDecoder().decode(Enrolment.self, from: data)
        } catch {
            throw UsageError(
                "\(path) is not an enrolment file, or it was damaged on the way",
                try: "ask the hub's operator for it again")
        }
        guard format == 1 else {
            throw UsageError("the enrolment file is of a newer format \(format)", try: "update this program")
        }
    }

    /// Writes the file, in one step, readable by its owner alone. Throws a `Complaint` if it cannot be written.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try CarriedFile.write(Array(encoder.encode(self)), to: path)
    }

    private init(
        format: Int, name: String, displayName: String, dataSet: String, hubKey: String, token: String, grant: String,
        scopes: [String], schema: String
    ) {
        self.format = format
        self.name = name
        self.displayName = displayName
        self.dataSet = dataSet
        self.hubKey = hubKey
        self.token = token
        self.grant = grant
        self.scopes = scopes
        self.schema = schema
    }

    /// The parts in bytes, checked: the grant must be the hub's.
    package func opened() throws -> (dataSet: Hash256, hubKey: [UInt8], token: SigningKey, grant: Grant) {
        guard let dataSetBytes = [UInt8](hex: dataSet), let dataSet = Hash256(dataSetBytes),
            let hubKey = [UInt8](hex: hubKey), let tokenBytes = [UInt8](hex: token),
            let grantBytes = [UInt8](hex: grant)
        else { throw UsageError("the enrolment file is damaged", try: "ask the hub's operator for it again") }
        let grant = try Grant(decoding: grantBytes)
        try grant.verify(hubKey: hubKey, dataSet: dataSet)
        return (dataSet, hubKey, try SigningKey(raw: tokenBytes), grant)
    }
}

/// The root of a data set without a hub: it issues enrolments. Whoever holds it can admit devices.
public struct Authority: Sendable {
    package let key: SigningKey
    package let dataSet: Hash256
    package let schema: String

    /// A new data set with this schema.
    public init(schema: String) {
        key = SigningKey()
        self.schema = schema
        dataSet = sha256(Array("satchel data set v1".utf8) + key.publicKey + Engine.randomBytes(16))
    }

    public func enrol(name: String, displayName: String) -> Enrolment {
        .issue(
            dataSet: dataSet, hubKey: key, name: name, displayName: displayName, scopes: ["all"], schema: schema)
    }
}
