internal import Foundation
package import GRDB
public import Satchel
public import SatchelModel
internal import SatchelWire

/// A clock that somebody sets. It may be years wrong, and it may step back.
public final class ScriptClock: WallClock {
    private let milliseconds: Locked<Int64>

    public init(_ milliseconds: Int64) { self.milliseconds = Locked(milliseconds) }

    public func now() -> Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    public func set(_ new: Int64) { milliseconds.withLock { $0 = new } }
    public func advance(by step: Int64) { milliseconds.withLock { $0 += step } }
}

/// A real replica, and beside it what by the rules it must know: the script's own bookkeeping, never asked of it.
final class ScriptPeer {
    let name: String
    /// The name that it is enrolled under; a copy has its original's.
    let device: String
    var replica: Replica
    let clock: ScriptClock
    let isHub: Bool
    /// All changesets that it has applied: the hub's, to its position, and `pending`.
    var known: Set<Dot> = []
    /// Where it stands in the hub's line.
    var cut = ScriptCut()
    /// Applied, and not known to be at the hub (EXC-6).
    var pending: [Dot] = []
    /// Received, and waiting for a cause (EXC-13, EXC-14).
    var parked: [Dot] = []

    /// The lines that its file knows to have written.
    var lines: Set<OriginID> = []

    /// It was copied or restored: a reply made for where another replica of its name stood may not fit it (EXC-16).
    var mayLag = false
    /// Of the script's schemas, which it follows.
    var version = 0
    var backup: RandomScript.Backup?

    init(name: String, device: String? = nil, replica: Replica, clock: ScriptClock, isHub: Bool = false) {
        self.name = name
        self.device = device ?? name
        self.replica = replica
        self.clock = clock
        self.isHub = isHub
    }

    /// Every row of every table as plain SQL reads it.
    func contents(_ schema: Schema) throws -> [NaiveRowName: [Value]] { try replica.contents(of: schema) }
}

/// A point in the hub's line: how many changesets it had applied, and which.
struct ScriptCut {
    var length = 0
    var known: Set<Dot> = []
}

/// A bundle on its way. It may arrive late, twice, or never.
struct ScriptBundle {
    enum Road { case up, down, sideways }

    var road: Road
    var path: String
    /// Index of the receiver.
    var receiver: Int
    /// Sideways: the line of the receiver that it is made for.
    var addressee: OriginID?
    /// Up and sideways: the changesets that it may hold.
    var carries: [Dot]
    /// Down: where it leads.
    var cut = ScriptCut()
}

extension Value {
    package var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): String(decoding: text, as: UTF8.self).databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
