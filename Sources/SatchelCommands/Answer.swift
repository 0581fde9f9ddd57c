internal import Foundation
package import Satchel

/// What the tools put on standard output and standard error.
package enum Answer {
    /// One line of text.
    package static func line(_ text: String) throws { try write(Array((text + "\n").utf8)) }

    /// Bytes as they are.
    package static func write(_ bytes: [UInt8]) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        } catch {
            throw Complaint(
                .other, "the answer could not be written", try: "look at where the output goes, and its disk")
        }
    }

    /// One object on one line (CLI-4), or the lines for people. What was to be done is done by now.
    ///
    /// - Parameter code: the exit code of what was done; it is thrown as a `Verdict` unless all is well.
    package static func give(
        _ told: some Encodable, json: Bool, ending code: Int32 = 0, _ lines: @autoclosure () -> [String]
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let bytes =
            try json
            ? Array(encoder.encode(told)) + [0x0A] : Array(lines().map { $0.onOneLine + "\n" }.joined().utf8)
        do {
            try write(bytes)
        } catch {
            tell(
                Complaint(
                    .other, "the answer could not be written; what the call was to do is done",
                    try: "look at where the output goes, and its disk; do not do it again unseen"))
            throw Verdict(code: max(code, Complaint.Kind.other.rawValue))
        }
        try Verdict.check(code)
    }

    /// `error:` and `try:` (CLI-3).
    package static func tell(_ complaint: Complaint) {
        let text = "error: \(complaint.sentence.onOneLine)\ntry: \(complaint.hint.onOneLine)\n"
        // There is nobody left to tell if even this cannot be written; the exit code still says it.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
