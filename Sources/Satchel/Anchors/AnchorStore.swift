public import SatchelModel

/// What is kept outside a replica's file to notice that the file was copied or put back from a backup (IDN-7).
public struct Anchor: Hashable, Codable, Sendable {
    /// Which file it is: its number on its volume, the volume's, and where it lay.
    public var file: FileIdentity
    /// The newest changeset of its own line that may have left it: 0 if there was none.
    public var sequence: UInt64
    /// The tag of that changeset.
    public var tag: UInt64
    /// At a hub: its epoch and the length of its log when something last left it. On a device: what it last stood at.
    public var epoch: UInt64
    public var position: UInt64

    public init(file: FileIdentity, sequence: UInt64, tag: UInt64, epoch: UInt64, position: UInt64) {
        self.file = file
        self.sequence = sequence
        self.tag = tag
        self.epoch = epoch
        self.position = position
    }
}

/// How one file is told from a copy of it on the same machine.
public struct FileIdentity: Hashable, Codable, Sendable {
    public var number: UInt64
    public var volume: UInt64
    public var path: String

    public init(number: UInt64, volume: UInt64, path: String) {
        self.number = number
        self.volume = volume
        self.path = path
    }

    /// A moved file keeps its number and its volume. Volumes are numbered anew when they are mounted: there the path
    /// stands in for the volume.
    func isSame(as other: FileIdentity) -> Bool {
        number == other.number && (volume == other.volume || path == other.path)
    }
}

/// Keeps anchors where a backup or a copy of the replica's file does not take them along.
///
/// An app may keep them in the system's keychain or in its own settings; `FileAnchors` is the default. Nothing secret
/// is in them. What a store throws is told by `doctor`, and the replica then goes without.
public protocol AnchorStore: Sendable {
    /// The name of this machine and user, made at the first asking and the same for ever after. A file that was
    /// anchored at another place has been copied.
    func place() throws -> String

    /// The anchor of the replica that writes the line `origin` here; nil: there is none.
    func anchor(of origin: OriginID) throws -> Anchor?

    /// Keeps an anchor in the place of an older one, in one step.
    func keep(_ anchor: Anchor, of origin: OriginID) throws

    /// The line was given up: nothing will ask for its anchor again.
    func forget(_ origin: OriginID) throws
}

/// Whether a replica looks outside its file for signs that it is a copy.
public enum Anchoring: Sendable {
    /// In the user's state directory (`FileAnchors`).
    case standard
    /// In a store of the app's own.
    case store(any AnchorStore)
    /// Nowhere: a copy is noticed only when it meets what others have.
    case none

    package func store(forReplicaAt path: String) -> (any AnchorStore)? {
        switch self {
        case .standard: FileAnchors(forReplicaAt: path)
        case .store(let store): store
        case .none: nil
        }
    }
}
