internal import Dispatch
internal import SatchelWire

/// What several threads bring at once, stored together: whoever comes first stores for all who came until its turn, so that
/// a hundred connections wait for one commit and not each for its own.
final class Gathering: Sendable {
    typealias Brought = [Result<Hub.Checked, any Error>]

    private final class Turn: Sendable {
        let brought: Brought
        let answer: Locked<Result<[Hub.Acceptance], any Error>?> = Locked(nil)
        /// The answer is there, or it is this one's turn to store.
        let called = DispatchSemaphore(value: 0)

        init(_ brought: Brought) { self.brought = brought }
    }

    private let queue: Locked<(waiting: [Turn], isLed: Bool)> = Locked(([], false))

    /// How many threads wait.
    var waiting: Int { queue.withLock { $0.waiting.count } }

    /// - Parameter commit: stores in one commit what it is handed when it asks for it, and answers in the same order.
    func store(
        _ brought: Brought, _ commit: (() -> [Brought]) throws -> [[Hub.Acceptance]]
    ) throws -> [Hub.Acceptance] {
        let turn = Turn(brought)
        let leads = queue.withLock { queue in
            queue.waiting.append(turn)
            defer { queue.isLed = true }
            return !queue.isLed
        }
        if !leads {
            turn.called.wait()
            if let answer = turn.answer.withLock({ $0 }) { return try answer.get() }
        }
        var turns: [Turn] = []
        func gather() -> [Brought] {
            turns = queue.withLock { queue in
                defer { queue.waiting = [] }
                return queue.waiting
            }
            return turns.map(\.brought)
        }
        let result = Result { try commit(gather) }
        // One that failed before it asked fails for all who are there.
        if turns.isEmpty { _ = gather() }
        for (place, other) in turns.enumerated() {
            other.answer.withLock { $0 = result.map { $0[place] } }
            if other !== turn { other.called.signal() }
        }
        queue.withLock { queue in
            queue.isLed = !queue.waiting.isEmpty
            queue.waiting.first?.called.signal()
        }
        return try turn.answer.withLock { $0 }?.get() ?? []
    }
}
