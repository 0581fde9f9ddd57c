import Foundation

/// What the person sees while the play goes on: plain lines, written at once even into a pipe.
struct Console: Sendable {
    /// Says nothing: for tests.
    var isQuiet = false
    private let start = ContinuousClock.now

    init(isQuiet: Bool = false) { self.isQuiet = isQuiet }

    /// A heading in both languages.
    func heading(_ english: String, _ chinese: String) { say("\n== \(english) \(chinese)") }

    /// One thing that happened, with the time since the play began.
    func step(_ text: String) { say("[\(seconds)] \(text)") }

    func say(_ line: String) {
        if !isQuiet { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
    }

    func fail(_ sentence: String) { FileHandle.standardError.write(Data(("error: " + sentence + "\n").utf8)) }

    /// Seconds since the play began, as "12.3 s".
    private var seconds: String { Console.seconds(ContinuousClock.now - start) }

    static func seconds(_ duration: Duration) -> String {
        let tenths = (duration / .milliseconds(100)).rounded()
        return "\(Int(tenths) / 10).\(Int(tenths) % 10) s"
    }

    /// "812 bytes", "3.4 KB", "1.2 MB".
    static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1000: "\(count) bytes"
        case ..<1_000_000: "\(count / 1000).\(count % 1000 / 100) KB"
        default: "\(count / 1_000_000).\(count % 1_000_000 / 100_000) MB"
        }
    }

    /// The text filled up with blanks, counting Chinese characters as two columns wide: behind it, or before it
    /// where the width is negative, as for numbers.
    static func column(_ text: String, _ width: Int) -> String {
        let used = text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
        let blanks = String(repeating: " ", count: max(0, abs(width) - used))
        return width < 0 ? blanks + text : text + blanks
    }
}
