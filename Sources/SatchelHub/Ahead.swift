internal import Dispatch
internal import SatchelWire

/// Work that is done on other cores in its order, a few steps ahead of whoever takes the results one by one.
///
/// Not Sendable: one taker. Memory: `steps` results.
final class Ahead<Output: Sendable> {
    private let steps: Int
    private var work: ArraySlice<@Sendable () -> Output>
    private var begun: ArraySlice<Step> = []
    private var upNext: Output?

    private final class Step: Sendable {
        private let found: Locked<Output?> = Locked(nil)
        private let group = DispatchGroup()

        init(_ work: @escaping @Sendable () -> Output) {
            DispatchQueue.global(qos: .userInitiated).async(group: group) { [found] in
                let output = work()
                found.withLock { $0 = output }
            }
        }

        func finish() -> Output? {
            group.wait()
            return found.withLock { $0 }
        }
    }

    init(_ work: [@Sendable () -> Output], steps: Int = 6) {
        self.work = work[...]
        self.steps = steps
    }

    /// Waits for the next result. Nil: there is none.
    func next() -> Output? {
        defer { upNext = nil }
        return peek()
    }

    /// The same, and it stays the next.
    func peek() -> Output? {
        if let upNext { return upNext }
        upNext = finish()
        return upNext
    }

    private func finish() -> Output? {
        while begun.count < steps, let work = work.popFirst() { begun.append(Step(work)) }
        return begun.popFirst()?.finish()
    }
}
