/// Where the bytes of a bundle lie: in a file that is read piece by piece, or whole in memory, as a small one does.
enum BundleSource: Sendable {
    case file(SystemFile)
    case memory([UInt8])

    /// Up to `count` bytes from `offset` on; fewer only where it ends.
    func read(_ count: Int, at offset: Int) throws(WireError) -> [UInt8] {
        switch self {
        case .file(let file): return try file.read(count, at: offset)
        case .memory(let bytes):
            let start = min(max(0, offset), bytes.count)
            return Array(bytes[start..<start + min(max(0, count), bytes.count - start)])
        }
    }
}
