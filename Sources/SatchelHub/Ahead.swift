internal import SatchelWire

/// Work that is done on other cores in its order, a few steps ahead of whoever takes the results one by one.
///
/// Not Sendable: one taker. Memory: `steps` results.
final class Ahead<Output: Sendable> {
    private let steps: Int
    private var work: ArraySlice<@Sendable () -> Output>
    private var begun: ArraySlice<Later<Output>> = []
    private var upNext: Output?

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
        // Of one alone nothing is ahead, and another core would only be waited for.
        if begun.isEmpty, work.count == 1 { return work.removeFirst()() }
        while begun.count < steps, let work = work.popFirst() { begun.append(Later(work)) }
        return begun.popFirst()?.finish()
    }
}
