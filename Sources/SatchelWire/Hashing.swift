import Crypto
public import SatchelModel

/// The SHA-256 digest of `bytes`. O(bytes).
public func sha256(_ bytes: some Collection<UInt8>) -> Hash256 {
    var hasher = Hasher256()
    hasher.update(bytes)
    return hasher.finish()
}

/// SHA-256 over bytes that come in pieces.
public struct Hasher256: Sendable {
    private var state = SHA256()

    public init() {}

    public mutating func update(_ bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable {
            state.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        if done == nil { state.update(data: Array(bytes)) }
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }

    /// The digest of all bytes so far. More may follow.
    public func finish() -> Hash256 {
        // A SHA-256 digest has 32 bytes, always: the fallback is never taken.
        state.finalize().withUnsafeBytes { Hash256($0) } ?? .zero
    }
}
