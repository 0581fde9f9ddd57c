internal import ArgumentParser

/// `satchel`: one replica and what it exchanges (`Protocol/cli.md`).
struct SatchelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel",
        abstract: "Keeps a SQLite file in step with a hub and with other devices, offline.",
        subcommands: [
            Init.self, Pack.self, Have.self, Apply.self, Sync.self, Status.self, Conflicts.self, Resolve.self,
            Assign.self, Decisions.self, UndoDecision.self, Unseen.self, View.self, Edit.self,
            Digest.self, Log.self, Doctor.self, Inspect.self, Verify.self, Load.self, Dump.self, Migrate.self,
            Bin.self, Undo.self, Aside.self, Duplicates.self, Merge.self, Unmerge.self, Distinct.self,
        ])
}
