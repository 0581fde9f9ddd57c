public import SatchelModel
public enum ContentCoding {
    public static func encode(_ content: Content) -> [UInt8] { fatalError() }
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> Content { fatalError() }
}
public enum HeaderCoding {
    public static func encode(_ header: ChangesetHeader) -> [UInt8] { fatalError() }
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> ChangesetHeader { fatalError() }
}
extension SealedChangeset {
    public static func seal(_ head: ChangesetHeader, content: [UInt8], key: SigningKey) -> SealedChangeset { fatalError() }
    public init(header: [UInt8], signature: [UInt8], content: [UInt8]) throws(WireError) { fatalError() }
    public func verify(publicKey: [UInt8]) throws(WireError) { fatalError() }
}
public enum Deflate {
    public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] { fatalError() }
    public static func inflate(_ bytes: [UInt8], expected: Int) throws(WireError) -> [UInt8] { fatalError() }
}
public enum BundleItem: Sendable {
    case standing(Standing), author(Author), changeset(SealedChangeset), reply(Reply), dots([KnownDot]), state(StateSection)
}
public final class BundleWriter {
    public init(path: String, header: BundleHeader, certificate: [UInt8], key: SigningKey) throws(WireError) { fatalError() }
    public func append(_ item: BundleItem) throws(WireError) { fatalError() }
    public func finish() throws(WireError) -> Int { fatalError() }
}
public struct UnverifiedBundle: Sendable {
    public init(path: String) { fatalError() }
    public func peek() throws(WireError) -> (header: BundleHeader, certificate: [UInt8]) { fatalError() }
    public func verify(_ trust: (BundleHeader, Certificate) throws -> [UInt8]) throws -> VerifiedBundle { fatalError() }
}
public struct VerifiedBundle: Sendable {
    public let header: BundleHeader
    public let certificate: Certificate
    public let bytes: Int
    public func forEach(_ body: (BundleItem) throws -> Void) throws { fatalError() }
}
