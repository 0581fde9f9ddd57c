internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-22.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks every byte of a bundle, its authors and its sender.")

    @Argument(help: "The bundle.") var bundle: String
    @OptionGroup var trust: TrustOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = try trust.inspect(bundle, answer)
        try Answer.give(told, json: answer.json, ["\(bundle) is whole", told.trustLine])
    }
}
