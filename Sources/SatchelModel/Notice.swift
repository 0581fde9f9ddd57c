/// What the hub makes known to everybody, signed, kept and passed on by every replica (REV-1, REV-6, REV-8).
public enum Notice: Hashable, Sendable {
    case revocation(Revocation)
    case release(Release)
    case binding(Binding)
}

/// An enrolment belongs to one device: what others made that were set up with it has no effect (REV-8).
public struct Binding: Hashable, Sendable {
    /// The public half of the enrolment's token, 32 bytes.
    public var tokenKey: [UInt8]
    /// The public key of the device, 32 bytes; zeros: it belongs to none.
    public var deviceKey: [UInt8]
    public var time: Timestamp

    public init(tokenKey: [UInt8], deviceKey: [UInt8], time: Timestamp) {
        self.tokenKey = tokenKey
        self.deviceKey = deviceKey
        self.time = time
    }
}

/// A device is shut out: what it sealed after the cut has no effect anywhere (REV-1, REV-2).
public struct Revocation: Hashable, Sendable {
    /// The public half of the token that the device was enrolled with, 32 bytes: whatever key and line it goes under.
    public var tokenKey: [UInt8]
    public var name: String
    public var time: Timestamp
    /// The heads of its lines as the hub had receipted them.
    public var cut: VersionVector

    public init(tokenKey: [UInt8], name: String, time: Timestamp, cut: VersionVector) {
        self.tokenKey = tokenKey
        self.name = name
        self.time = time
        self.cut = cut
    }
}

/// Changesets of a revoked device that a person has looked at and found to be honest: they count after all (REV-6).
public struct Release: Hashable, Sendable {
    public var time: Timestamp
    public var dots: [Dot]

    public init(time: Timestamp, dots: [Dot]) {
        self.time = time
        self.dots = dots
    }
}
