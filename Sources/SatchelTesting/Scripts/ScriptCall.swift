/// A script, or some of its steps, by name: what a failure prints, what a file of `Tests/Stories` holds, and what is run.
public struct ScriptCall: Hashable, Sendable, CustomStringConvertible {
    public var kind: ScriptKind
    public var seed: UInt64
    /// By number, from 1 on; nil: all.
    public var steps: [Int]?

    public init(_ kind: ScriptKind, seed: UInt64, steps: [Int]? = nil) {
        self.kind = kind
        self.seed = seed
        self.steps = steps
    }

    public var description: String {
        let which = steps.map { $0.isEmpty ? "no steps" : "steps " + $0.map(String.init).joined(separator: " ") }
        return "script \(kind.rawValue), seed \(seed), \(which ?? "all steps")"
    }

    /// Reads it, remarks (lines that begin with #) aside. Nil: it is the story of a world, not of a script. Throws
    /// `StoryError`.
    public init?(story: String) throws {
        let lines = story.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }
        guard let line = lines.first, line.hasPrefix("script ") else { return nil }
        let pattern = #/script (\w+), seed (\d+), (all steps|no steps|steps((?: \d+)+))/#
        guard lines.count == 1, let found = try pattern.wholeMatch(in: line),
            let kind = ScriptKind(rawValue: String(found.1)), let seed = UInt64(found.2)
        else { throw StoryError(line: String(story.prefix(100))) }
        let numbers = (found.4 ?? "").split(separator: " ").compactMap { Int($0) }
        self.init(kind, seed: seed, steps: found.3 == "all steps" ? nil : numbers)
    }
}

/// A script that failed.
public struct ScriptFailure: Error, CustomStringConvertible {
    /// The steps that were lived through.
    public var call: ScriptCall
    public var message: String
    /// What happened, a line for each act.
    public var story: [String]
    /// Whether an act threw that must not; else a judge complained.
    public var isError: Bool

    /// To replay, with all that a person wants to know as remarks.
    public var description: String {
        let remarks = (message.split(separator: "\n").map(String.init) + story).map { "# \($0)" }
        return ([call.description] + remarks).joined(separator: "\n")
    }

    /// Of two failures that are alike the first four words are, leaving out names, numbers and values, and an error is not
    /// like a complaint.
    func isLike(_ other: ScriptFailure) -> Bool { isError == other.isError && gist == other.gist }

    private var gist: [Substring] {
        let words = message.split(whereSeparator: \.isWhitespace)
        return Array(words.filter { $0.allSatisfy { $0.isLowercase && $0.isASCII || $0 == "," } }.prefix(4))
    }
}
