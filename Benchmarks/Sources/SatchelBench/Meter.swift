import Foundation

/// What one step cost.
struct Cost {
    var seconds: Double
    /// Mebibytes of memory above what the process held before it; nil where the system does not say.
    var mebibytes: Double?
}

/// Measures steps by the wall's time, or by the processor's on all cores, for a machine that others use too.
struct Meter {
    let countsProcessorTime: Bool

    func cost(of step: () throws -> Void) rethrows -> Cost {
        let idle = Memory.restartPeak()
        let seconds = try seconds(step)
        let peak = Memory.peak()
        return Cost(seconds: seconds, mebibytes: idle.flatMap { idle in peak.map { max(0, $0 - idle) } })
    }

    func seconds(_ step: () throws -> Void) rethrows -> Double {
        let clock = countsProcessorTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC
        let start = Self.now(clock)
        try step()
        return Self.now(clock) - start
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
