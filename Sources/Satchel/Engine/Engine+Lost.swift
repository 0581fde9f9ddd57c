package import SatchelModel
internal import SatchelStore

/// Changesets that others build on and that nobody has any more: no program can tell "never" from "not yet", so a person
/// says it (EXC-31).
extension Engine {
    /// A changeset that is not here and that others wait for.
    package struct Awaited {
        package let dot: Dot
        /// What it is, in a person's words.
        package let words: String
        /// How many changesets wait for it.
        package let waiting: Int
    }

    /// The changesets that others wait for in the end, each once. O(parked + what they lack).
    package func awaited() throws -> [Awaited] {
        var found: [(dot: Dot, words: String)] = []
        var waiting: [Dot: Int] = [:]
        let all = try rootCauses()
        let bounds = Self.bounds(all)
        for roots in all {
            for missing in roots.waitsFor {
                guard let dot = missing.dot else { continue }
                if waiting[dot] == nil { found.append((dot, try words(missing, bounds))) }
                waiting[dot, default: 0] += 1
            }
        }
        return found.map { Awaited(dot: $0.dot, words: $0.words, waiting: waiting[$0.dot] ?? 0) }
    }

    /// Lets go what waits for these changesets. They are taken in if they come after all, but for what was replaced since.
    ///
    /// Returns how many changesets wait no more.
    package func declareLost(_ dots: [Dot], note: String) throws -> Int {
        guard isHub else { throw UsageError("only the hub can say what is lost", try: "say it there, and sync") }
        try seal()
        let before = try store.dots(.parked)
        for dot in dots { try store.declareLost(store.dotID(dot)) }
        // A changeset without rows moves the position on, so that every device is told.
        _ = try author(Content(), rows: 0, age: 0, newestSeen: nil, actor: "", note: note)
        let batch = newBatch()
        var intake = Intake()
        for id in before { try lookAgain(id, batch: batch, intake: &intake) }
        try unpark(batch: batch, intake: &intake)
        try batch.settle()
        try followErasures()
        return try before.count - store.dots(.parked).count
    }
}
