internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-35.
struct Sync: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Meets the devices at a folder or a USB stick: merges what is there, leaves what each lacks.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("The folder, which must be there.", valueName: "dir")) var folder: String
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = MergeTold(try answer.hub(hub).sync(folder: folder))
        try Answer.give(told, json: answer.json, ending: told.code, told.lines.isEmpty ? ["nothing to do"] : told.lines)
    }
}
