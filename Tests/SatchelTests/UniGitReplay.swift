import Foundation
import Testing

/// Ten years of a real registry, edited by 338 people: every commit is written again on a replica of its author, and
/// every state must come out to the byte.
///
/// A debug build replays the first 300 commits, which hold one of the two conflicts; a release build all.
@Suite(.enabled(if: UniGitData.source != nil)) struct UniGitReplay {
    /// The judge judged: its own reading of the data, without any replica, gives the hashes that the data states.
    @Test func theDataReplayedInPlainSwiftGivesItsOwnHashes() throws {
        let data = try UniGitData(unpackingTo: FileManager.default.temporaryDirectory.path)
        var states: [Int: UniGitState] = [:]
        for commit in data.commits.prefix(120) {
            var state = commit.parents.first.map { states[$0]! } ?? UniGitState()
            state.apply(commit.operations)
            let lines = state.records.sorted { $0.key < $1.key }.map(\.value.line)
            #expect(UniGitState.hash(lines) == commit.hash, "commit \(commit.index)")
            states[commit.index] = state
        }
    }

    @Test func everyStateOfARealHistoryComesOutAndOnlyItsTrueConflictsAreReported_MRG16_MRG17_EXC21() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("satchel-uni-git-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let data = try UniGitData(unpackingTo: directory)
        #if DEBUG
            let commits = data.commits.prefix(300)
        #else
            let commits = data.commits[...]
        #endif

        let world = UniGitWorld(data, directory: directory)
        for commit in commits { try world.replay(commit) }

        let due = data.deletedAgainstChanged.filter { Int($0[0])! < commits.count }.map { $0.joined(separator: " ") }
        #expect(world.reported == ["deleted": due.sorted()])
        guard commits.count == data.commits.count else { return }
        let final = try world.finalRecords()
        #expect(final.count == data.final.count)
        for (key, fields) in data.final { #expect(final[key] == fields, "\(key)") }
    }
}
