internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// CLI-42.
struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Moves to another schema, with the data.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var migration: MigrateOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let opened = try answer.hub(hub)
        try migration.migrate(opened.replica, at: hub, answer)
        // What the new schema tells to be about somebody erased may lie in quarantine too (ERA-11).
        try opened.clearQuarantineIfDue()
    }
}
