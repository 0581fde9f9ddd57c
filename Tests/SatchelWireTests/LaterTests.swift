import Testing

@testable import SatchelWire

/// Work on another core, which whoever waits for it does itself if no core is free.
@Suite struct LaterTests {
    @Test func theWorkIsDoneOnceHoweverManyWaitForIt() {
        let runs = Locked(0)
        for _ in 0..<200 {
            let later = Later {
                runs.withLock {
                    $0 += 1
                    return $0
                }
            }
            let first = later.finish()
            #expect(later.finish() == first && later.finish() == first)
        }
        #expect(runs.withLock { $0 } == 200)
        #expect(Later(done: 7).finish() == 7)
    }

    /// Each waits, on a thread of the pool, for one that stands behind it in the same queue.
    @Test func whoWaitsWithinThePoolDoesNotWaitForAThreadOfIt() {
        let outer = (0..<256).map { number in Later { Later { number }.finish() + 1 } }
        #expect(outer.map { $0.finish() } == Array(1...256))
    }
}
