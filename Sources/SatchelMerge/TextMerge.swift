internal import SatchelModel

/// Texts that started from one: a three-way merge by words (MRG-34).
///
/// Each text's changes of the common base are found apart, and all of them made at once. For two texts that is diff3
/// as described by Khanna, Kunal and Pierce, "A formal investigation of diff3" (2007): changes that touch or overlap
/// are a conflict unless they are equal. For more it does not depend on their order.
public enum TextMerge {
    /// Words that must stand between two changes of different texts within one clause of a script without blanks: less would be one
    /// name, or one turn of speech.
    static let distance = 3

    /// The merged text; nil: two of them changed the same words, or too much was changed. O(texts · words · changed).
    public static func merge(_ texts: [[UInt8]], base: [UInt8]) -> [UInt8]? {
        let words = Words.cut(base)
        var authors: [Change: Set<Int>] = [:]
        for (author, text) in texts.enumerated() {
            guard let changes = Difference.changes(from: words, to: Words.cut(text)) else { return nil }
            for change in changes { authors[change, default: []].insert(author) }
        }
        let all = authors.sorted { a, b in
            (a.key.old.lowerBound, a.key.old.upperBound) < (b.key.old.lowerBound, b.key.old.upperBound)
        }
        var merged: [UInt8] = []
        var place = 0
        var last: (change: Change, authors: Set<Int>)?
        for (change, authors) in all {
            if let last {
                if change.old.lowerBound <= last.change.old.upperBound { return nil }
                let between = words[last.change.old.upperBound..<change.old.lowerBound]
                if between.count < distance, between.allSatisfy(Words.isOfClause), !authors.isSubset(of: last.authors),
                    !last.authors.isSubset(of: authors)
                {
                    return nil
                }
            }
            for word in words[place..<change.old.lowerBound] { merged += word }
            for word in change.new { merged += word }
            place = change.old.upperBound
            last = (change, authors)
        }
        for word in words[place...] { merged += word }
        return merged
    }
}
