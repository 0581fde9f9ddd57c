internal import ArgumentParser
internal import SatchelCommands
internal import SatchelHub

/// `satchel-hub`: the replica that all others meet, and who may (`Protocol/cli.md`).
struct SatchelHubCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-hub",
        abstract: "Keeps the hub of a data set: one directory.",
        subcommands: [
            Init.self, Enrol.self, Accept.self, AcceptedCommand.self, Merge.self, Pack.self, Sync.self, Devices.self,
            Conflicts.self, Resolve.self,
            Digest.self, Verify.self, Log.self, Clean.self, Retire.self, Erase.self, Erasures.self, Revoke.self,
            QuarantineCommand.self, Migrate.self, Bin.self, Undo.self, Aside.self, Duplicates.self, MergeRows.self,
            UnmergeRows.self, Distinct.self, Assign.self, Decisions.self, UndoDecision.self, Unseen.self, View.self,
            Edit.self, RecordStatus.self,
            ScopeCommand.self, GrantCommand.self, Handover.self, OutsideCommand.self,
            Backup.self, Key.self, Rebuild.self, Restored.self, Lost.self,
        ])
}

extension AnswerOptions {
    func hub(_ directory: String) throws -> Hub { try Hub.open(at: directory, busyMilliseconds: busyMilliseconds) }
}
