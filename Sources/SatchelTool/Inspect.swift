internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-21.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Says what a bundle holds, and takes in nothing.")

    @Argument(help: "The bundle.") var bundle: String
    @OptionGroup var trust: TrustOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = try trust.inspect(bundle, answer)
        try Answer.give(told, json: answer.json, told.lines)
    }
}
