internal import Satchel
internal import SatchelHub

extension ScriptStage {
    /// From here on bundles also come to the hub as its service takes them: a seed that failed is the same story tomorrow.
    private static let withAcceptance: UInt64 = 10_000_000

    /// The hub takes in a bundle in one of the two ways that it has: as a file which an operator names, or accepted with a
    /// receipt and then merged with all else that waits (EXC-37, EXC-40).
    func bring(_ path: String, to hub: Hub) throws -> MergeReport {
        guard seed >= Self.withAcceptance, chance(50), case .accepted? = try hub.accept([.file(path)]).first else {
            return try hub.merge([path])
        }
        let report = try hub.mergeAccepted()
        // One that was merged or refused before has its receipt, and does not wait.
        if report.merged.isEmpty { return try hub.merge([path]) }
        guard try hub.accepted().allSatisfy({ $0.reason != nil }) else {
            throw ScriptComplaint("after all was merged bundles still wait: \(try hub.accepted())")
        }
        return report
    }
}
