/// Makes the story of a failure short.
extension Simulation {
    /// Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) on the
    /// events, then on the statements of a transaction, then on the devices that nobody needs. What is left still fails
    /// before the same judge. At most `tries` replays.
    public func shrink(_ schedule: Schedule, _ failure: WorldFailure, tries: Int = 2000) -> Schedule {
        var left = tries
        func fails(_ candidate: Schedule) -> Bool {
            guard left > 0 else { return false }
            left -= 1
            do {
                try run(candidate)
                return false
            } catch let found as WorldFailure {
                // Two errors are the same only in so many words.
                return found.judge == failure.judge && (found.judge != .error || found.message == failure.message)
            } catch {
                return false
            }
        }
        func isEnough(_ events: [WorldEvent]) -> Bool {
            var candidate = schedule
            candidate.events = events
            return fails(candidate)
        }
        var short = schedule
        guard fails(short) else { return schedule }
        short.events = minimised(short.events, isEnough)
        short.events = minimised(short.events.flatMap(\.parts), isEnough)
        while short.devices > 1 {
            var fewer = short
            fewer.devices -= 1
            guard fails(fewer) else { break }
            short = fewer
        }
        return short
    }
}

/// A shortest sublist, in the sense that no single element can be left out, for which `isEnough` holds as it does for
/// the whole list. O(n²) calls at worst, O(log n) where one element is all that matters.
func minimised<Element>(_ whole: [Element], _ isEnough: ([Element]) -> Bool) -> [Element] {
    guard isEnough(whole) else { return whole }
    var list = whole
    var parts = 2
    while list.count > 1 {
        let size = (list.count + parts - 1) / parts
        let starts = stride(from: 0, to: list.count, by: size)
        let rests = starts.lazy.map { Array(list[..<$0] + list[min($0 + size, list.count)...]) }
        if let rest = rests.first(where: isEnough) {
            list = rest
            parts = max(2, parts - 1)
        } else if size == 1 {
            break
        } else {
            parts = min(list.count, parts * 2)
        }
    }
    return list
}

extension WorldEvent {
    /// A transaction of several statements as several transactions; everything else as it is.
    fileprivate var parts: [WorldEvent] {
        guard case .write(let who, let sql, let unchecked) = self else { return [self] }
        return sql.split(separator: "; ").map { .write(who, sql: String($0), unchecked: unchecked) }
    }
}
