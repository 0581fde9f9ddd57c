internal import SatchelModel

/// The candidates of one unit of policy `text` (MRG-34).
struct TextCandidates {
    /// How many are merged: where more people wrote at once, one of them must look.
    static let count = 32

    /// A text, or what two came to.
    private struct Head {
        /// Of what two came to, the least.
        let id: UInt64
        let text: [UInt8]
        /// The text itself among them, but not what two came to.
        let ancestry: Ancestry
    }

    /// By their ids.
    private let heads: [Head]

    /// Nil: one of them is no text. `valueID`: of each, the id of its write.
    init?(_ candidates: [Candidate], valueID: (DotID) -> UInt64) {
        var heads: [Head] = []
        for candidate in candidates {
            guard case .text(let text)? = candidate.values.first else { return nil }
            let id = valueID(candidate.dot)
            var ancestry = candidate.state(width: 1).flatMap { Ancestry(blob: $0) } ?? Ancestry()
            ancestry.follow(text, id)
            heads.append(Head(id: id, text: text, ancestry: ancestry))
        }
        self.heads = heads.sorted { $0.id < $1.id }
    }

    /// What they come to; nil: a person must look. O(candidates³ · ancestors), and a merge by words for each
    /// candidate.
    var merged: [UInt8]? { heads.count > Self.count ? nil : Self.merged(heads)?.text }

    /// The two that parted last are merged first, until one is left.
    private static func merged(_ all: [Head]) -> Head? {
        var heads = all
        while heads.count > 1 {
            var best: (depth: Int, first: Int, second: Int, base: Base?)?
            for first in heads.indices {
                for second in heads.indices.dropFirst(first + 1) {
                    if heads[first].text == heads[second].text {
                        if best?.depth != .max { best = (.max, first, second, nil) }
                    } else if let base = Base(heads[first].ancestry, heads[second].ancestry),
                        best.map({ base.depth > $0.depth }) ?? true
                    {
                        best = (base.depth, first, second, base)
                    }
                }
            }
            guard let best else { return nil }
            let second = heads.remove(at: best.second)
            let first = heads[best.first]
            var text = first.text
            if let base = best.base {
                guard let start = base.text,
                    let both = TextMerge.merge([first.text, second.text], base: start)
                else { return nil }
                text = both
            }
            var ancestry = first.ancestry
            ancestry.join(second.ancestry)
            heads[best.first] = Head(id: first.id, text: text, ancestry: ancestry)
        }
        return heads.first
    }

    /// What two texts were last: the youngest that both came from, or what these come to where there are several.
    private struct Base {
        let depth: Int
        private let youngest: [(id: UInt64, ancestor: Ancestry.Ancestor)]
        private let shared: Ancestry

        /// Nil: there is none.
        init?(_ a: Ancestry, _ b: Ancestry) {
            shared = a.shared(with: b)
            let older = shared.ancestors.values.reduce(into: Set<UInt64>()) { $0.formUnion($1.before) }
            youngest = shared.ancestors.filter { !older.contains($0.key) }.map { ($0.key, $0.value) }
                .sorted { $0.id < $1.id }
            guard let depth = youngest.map(\.ancestor.depth).max() else { return nil }
            self.depth = depth
        }

        /// Nil: it is not remembered, or a person would have had to look.
        var text: [UInt8]? {
            if youngest.count == 1 { return youngest[0].ancestor.text }
            var heads: [Head] = []
            for (id, ancestor) in youngest {
                guard let text = ancestor.text else { return nil }
                heads.append(Head(id: id, text: text, ancestry: shared.of(id)))
            }
            return TextCandidates.merged(heads)?.text
        }
    }

    /// What a new text that takes the place of these remembers: all of them, and what they came from. Nil: nothing, since there are
    /// none.
    var ancestry: Ancestry? {
        if heads.isEmpty { return nil }
        var all = Ancestry()
        for head in heads { all.join(head.ancestry) }
        all.shorten()
        return all
    }
}

extension Ancestry {
    /// What is in both. Which came from which may be known to one of them alone.
    fileprivate func shared(with other: Ancestry) -> Ancestry {
        var both = self
        both.join(other)
        return both.limited { ancestors[$0] != nil && other.ancestors[$0] != nil }
    }

    /// One of them with what it came from.
    fileprivate func of(_ id: UInt64) -> Ancestry {
        let before = ancestors[id]?.before ?? []
        return limited { $0 == id || before.contains($0) }
    }
}
