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
            throw UsageError("the answer could not be written", try: "look at where the output goes, and its disk")
        }
    }

    /// One object on one line (CLI-4), or the lines for people.
    package static func give(_ told: some Encodable, json: Bool, _ lines: @autoclosure () -> [String]) throws {
        guard json else { return try write(Array(lines().map { $0 + "\n" }.joined().utf8)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try write(Array(try encoder.encode(told)) + [0x0A])
    }

    /// `error:` and `try:` (CLI-3).
    package static func tell(_ complaint: Complaint) {
        let text = "error: \(complaint.sentence)\ntry: \(complaint.hint)\n"
        // There is nobody left to tell if even this cannot be written; the exit code still says it.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
