public import SatchelModel
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
