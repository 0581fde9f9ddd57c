internal import Foundation
internal import SatchelModel
internal import SatchelWire

/// An anchor in a file of two slots, which are written by turns where they lie (IDN-8).
///
/// Whatever breaks off a write leaves the other slot whole. A file made anew and put in the old one's place would do the
/// same for three times the work, at every bundle.
///
/// A slot holds 8 bytes of the SHA-256 of what follows: how many writings came before, the six numbers of the
/// anchor, the length of its path, the path. Numbers have 8 bytes, the most significant first.
struct AnchorFile {
    let path: String

    /// Longer than any path that a system opens.
    static let slotBytes = 8192
    private static let numbers = 8

    /// The newest anchor that is whole; nil: there is none.
    func read() -> Anchor? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return Self.newest(descriptor)?.anchor
    }

    /// Puts an anchor into the slot of the older one. Not flushed. Throws an `AnchorFault`.
    func write(_ anchor: Anchor) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw AnchorFault(path: path, code: errno) }
        defer { close(descriptor) }
        let turn = (Self.newest(descriptor)?.turn ?? 0) &+ 1
        let record = Self.record(anchor, turn: turn)
        guard record.count <= Self.slotBytes else { throw AnchorFault(path: path, code: ENAMETOOLONG) }
        let written = pwrite(descriptor, record, record.count, off_t(Int(turn % 2) * Self.slotBytes))
        // A short write leaves this slot unreadable and the other as it is.
        guard written == record.count else { throw AnchorFault(path: path, code: written < 0 ? errno : ENOSPC) }
    }

    private static func newest(_ descriptor: Int32) -> (turn: UInt64, anchor: Anchor)? {
        let bytes = [UInt8](unsafeUninitializedCapacity: 2 * slotBytes) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        let slots = [bytes.prefix(slotBytes), bytes.dropFirst(slotBytes)].compactMap(decode)
        return slots.max { $0.turn < $1.turn }
    }

    private static func record(_ anchor: Anchor, turn: UInt64) -> [UInt8] {
        let path = Array(anchor.file.path.utf8)
        let numbers = [
            turn, anchor.file.number, anchor.file.volume, anchor.sequence, anchor.tag, anchor.epoch, anchor.position,
            UInt64(path.count),
        ]
        let body = numbers.flatMap(\.bigEndianBytes) + path
        return sha256(body).bytes.prefix(8) + body
    }

    private static func decode(_ slot: ArraySlice<UInt8>) -> (turn: UInt64, anchor: Anchor)? {
        let head = 8 * (1 + numbers)
        guard slot.count >= head else { return nil }
        let body = slot.dropFirst(8)
        func number(_ place: Int) -> UInt64 {
            body.dropFirst(8 * place).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        let length = number(7)
        guard length <= UInt64(slot.count - head) else { return nil }
        let told = body.prefix(8 * numbers + Int(length))
        guard sha256(Array(told)).bytes.prefix(8).elementsEqual(slot.prefix(8)) else { return nil }
        let path = String(decoding: told.dropFirst(8 * numbers), as: UTF8.self)
        return (
            number(0),
            Anchor(
                file: FileIdentity(number: number(1), volume: number(2), path: path), sequence: number(3),
                tag: number(4), epoch: number(5), position: number(6))
        )
    }
}

/// An anchor that could not be kept.
struct AnchorFault: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }
}
