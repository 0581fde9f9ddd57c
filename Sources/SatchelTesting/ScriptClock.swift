public import Satchel
public import SatchelModel
internal import Synchronization

/// A clock that somebody sets. It may be years wrong, and it may step back.
public final class ScriptClock: WallClock {
    private let milliseconds: Mutex<Int64>

    public init(_ milliseconds: Int64) { self.milliseconds = Mutex(milliseconds) }

    public func now() -> Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    public func set(_ new: Int64) { milliseconds.withLock { $0 = new } }
    public func advance(by step: Int64) { milliseconds.withLock { $0 += step } }
}
