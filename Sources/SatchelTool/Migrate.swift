internal import ArgumentParser
internal import SatchelCommands

/// CLI-41.
struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Moves to another schema, with the data.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @OptionGroup var migration: MigrateOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws { try migration.migrate(answer.replica(replica), at: replica, answer) }
}
