internal import Dispatch

/// Work that another core does while whoever asked for it goes on. Who needs the result before anybody began does the work
/// itself, so that no one waits for a core that is not free.
package final class Later<Output: Sendable>: Sendable {
    private enum State {
        case waiting(@Sendable () -> Output)
        case begun
        case done(Output)
    }

    private let state: Locked<State>
    private let work = DispatchGroup()

    package init(_ body: @escaping @Sendable () -> Output) {
        state = Locked(.waiting(body))
        DispatchQueue.global(qos: .userInitiated).async(group: work) { [state] in Self.run(state) }
    }

    /// Nothing is left to do.
    package init(done output: Output) { state = Locked(.done(output)) }

    package func finish() -> Output {
        while true {
            Self.run(state)
            if case .done(let output) = state.withLock({ $0 }) { return output }
            work.wait()
        }
    }

    /// Does the work, if nobody began.
    private static func run(_ state: Locked<State>) {
        let body: (@Sendable () -> Output)? = state.withLock { state in
            guard case .waiting(let body) = state else { return nil }
            state = .begun
            return body
        }
        guard let output = body?() else { return }
        state.withLock { $0 = .done(output) }
    }
}
