internal import Foundation
package import Satchel

/// What the tools put on standard output and standard error.
package enum Answer {
    /// One line of text.
    package static func line(_ text: String) { write(Array((text + "\n").utf8)) }

    /// Bytes as they are.
    package static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }

    /// One object on one line (CLI-4), or the lines for people.
    package static func give(_ told: some Encodable, json: Bool, _ lines: @autoclosure () -> [String]) throws {
        guard json else { return write(Array(lines().map { $0 + "\n" }.joined().utf8)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        write(Array(try encoder.encode(told)) + [0x0A])
    }

    /// `error:` and `try:` (CLI-3).
    package static func tell(_ complaint: Complaint) {
        let text = "error: \(complaint.sentence)\ntry: \(complaint.hint)\n"
        FileHandle.standardError.write(Data(text.utf8))
    }
}
