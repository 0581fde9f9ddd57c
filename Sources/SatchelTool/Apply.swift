internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-14.
struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes in bundles, each entirely or not at all; a refused one stops no other.")

    @Argument(help: "The replica's file.") var replica: String
    @Argument(help: ArgumentHelp("The bundles.", valueName: "bundle")) var bundles: [String]
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let bundles: [BundleFate]
        let code: Int32
    }

    func run() throws {
        let replica = try answer.device(replica)
        let fates = bundles.map { BundleFate.apply($0, to: replica) }
        let told = Told(bundles: fates, code: fates.map(\.code).max() ?? 0)
        try Answer.give(told, json: answer.json, ending: told.code, fates.map(\.line))
    }
}
