package import ArgumentParser
internal import Foundation
internal import Satchel

/// Runs a tool: whatever goes wrong comes out as `error:` and `try:` with the exit code of CLI-2.
package enum CommandRunner {
    package static func run<Root: ParsableCommand>(_ root: Root.Type) -> Never {
        var command: any ParsableCommand
        do {
            command = try root.parseAsRoot()
        } catch {
            guard !root.exitCode(for: error).isSuccess else {
                help(root.fullMessage(for: error))
            }
            finish(usage(root.message(for: error), root.fullMessage(for: error), root))
        }
        do {
            try command.run()
            exit(0)
        } catch let verdict as Verdict {
            exit(verdict.code)
        } catch {
            if command is Root { finish(usage("a subcommand is missing", "", root)) }
            // The parser's own `help` is a command too, and ends by throwing what it says.
            if root.exitCode(for: error).isSuccess {
                help(root.fullMessage(for: error))
            }
            finish(Complaint(error))
        }
    }

    private static func help(_ text: String) -> Never {
        do {
            try Answer.line(text)
            exit(0)
        } catch {
            finish(Complaint(error))
        }
    }

    private static func finish(_ complaint: Complaint) -> Never {
        Answer.tell(complaint)
        exit(complaint.kind.rawValue)
    }

    /// The parser's own words end with "See 'satchel pack --help' for more information."
    private static func usage<Root: ParsableCommand>(_ message: String, _ full: String, _ root: Root.Type) -> Complaint
    {
        let help = full.split(separator: "'").first { $0.hasSuffix(" --help") }.map(String.init)
        let sentence = message.split(separator: "\n").joined(separator: " ")
        return Complaint(.usage, sentence, try: help ?? "\(root._commandName) --help")
    }
}

/// Thrown by a command that has answered and told its complaints, for the exit code.
package struct Verdict: Error {
    package let code: Int32

    /// Throws unless all is well.
    package static func check(_ code: Int32) throws { if code != 0 { throw Verdict(code: code) } }
}
