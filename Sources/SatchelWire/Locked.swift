internal import Dispatch

/// A value that several threads use one at a time. (`Mutex` would ask for macOS 15 and iOS 18.)
package final class Locked<Value>: @unchecked Sendable {
    private let turn = DispatchSemaphore(value: 1)
    private var value: Value

    package init(_ value: Value) { self.value = value }

    package func withLock<T>(_ body: (inout Value) throws -> T) rethrows -> T {
        turn.wait()
        defer { turn.signal() }
        return try body(&value)
    }
}
