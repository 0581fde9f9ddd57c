internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-53 to CLI-55.
struct ScopeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scope", abstract: "Says which rows belong together, for devices to be served.",
        subcommands: [ScopeSet.self, ScopeRemove.self, ScopeList.self, ScopePreviewCommand.self])
}
