/// Every bound on what is read from outside, in one place. Each is enforced before anything is allocated.
public enum Limits {
    /// Bytes of one compressed part of a bundle.
    public static let partBytes = 16 << 20
    /// Bytes that one part may inflate to.
    public static let partInflatedBytes = 128 << 20
    /// Bytes of one frame, inflated.
    public static let frameBytes = 1 << 20
    /// Parts of one bundle.
    public static let parts = 4096
    /// Rows captured before a changeset is sealed by itself.
    public static let changesetRows = 50_000
    /// Bytes of values after which sealing begins another changeset: bounds the memory of every replica.
    public static let changesetBytes = 11 << 20
    /// Values after which it begins another, whatever they hold: a reader makes room of 17 bytes for each.
    public static let changesetValues = 4 << 20
    /// Bytes of the values of one row.
    public static let rowBytes = 128 << 20
    /// Bytes of one changeset's content.
    public static let contentBytes = 256 << 20
    /// Bytes of a changeset's header.
    public static let headerBytes = 4 << 20
    /// Bytes of one value; larger things are attachments.
    public static let valueBytes = 16 << 20
    /// Bytes of a primary key.
    public static let keyBytes = 1 << 10
    /// Bytes of changesets, as they lie on the disk, that may wait at one replica for what they build on.
    public static let parkedBytes = 256 << 20
    /// And of those of one author.
    public static let parkedBytesOfOne = 64 << 20
    /// Bytes of bundles that a hub accepted and has not merged, of those of one device, and of one of them.
    public static let acceptedBytes = 1 << 30
    public static let acceptedBytesOfDevice = 128 << 20
    public static let acceptedBytesOfOne = 16 << 20
    public static let columns = 2000
    public static let nameBytes = 255
    /// Changesets that a hub names one by one in a snapshot, beyond those that the device asks about.
    public static let toldDots: UInt64 = 16_384
    /// Lives of a hub: how often it can be restored.
    public static let epochs = 4096
    /// Lines that a bundle names as left (BND-55).
    public static let formerLines = 4096
    public static let clockEntries = 65_536
    public static let sequence: UInt64 = 1 << 62
}
