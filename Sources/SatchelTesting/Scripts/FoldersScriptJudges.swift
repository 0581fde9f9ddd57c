internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// The end: everybody visits every stick in turn until nothing moves, and then nothing may be missing.
extension FoldersScript {
    /// What moves in a round.
    private struct Standing: Equatable {
        var position: UInt64
        var tablets: [[UInt64]]
        var files: [[String]]
    }

    /// Rounds until nothing moves, two of them among these in which nothing did. In the first each leaves what it has, and hears
    /// of the hub; in the second it hands in what a hub that was put back lacks; in the third it gets what others did. Of two copies of
    /// one tablet the hub answers both by one bundle, or one of them a round later, and each may then notice that its line is
    /// another's too, and begins anew.
    private static let bound = 12

    func settle() throws {
        let due = try owed()
        try comeToRest()
        // What nobody has any more others may wait for: the operator says so.
        for _ in 0..<20 {
            let awaited = try hub.awaited().map(\.changeset)
            if awaited.isEmpty { break }
            let held = try Set(owed().map(\.description)).intersection(awaited)
            try require(held.isEmpty, "the hub waits for \(held.sorted()), which somebody has")
            try hub.declareLost(awaited)
            try sealAtHub()
            stage.tell("\(awaited) are declared lost")
            try comeToRest()
        }
        let left = due.subtracting(hubKnown.holds)
        try require(left.isEmpty, "\(left.sorted()) never came to the hub")
    }

    /// All that a device's file, the hub or a stick still has. What has been nowhere else than in a file that was put back and on a stick
    /// that was lost is gone.
    private func owed() throws -> Set<Dot> {
        var owed = hubKnown.holds
        for tablet in tablets { owed.formUnion(tablet.known.holds) }
        for stick in sticks { owed.formUnion(carried(try contents(stick))) }
        return owed
    }

    private func comeToRest() throws {
        var last: Standing?
        var quiet = 0
        for round in 0..<Self.bound {
            // Whoever comes first on one day comes last on the next.
            let order = round.isMultiple(of: 2) ? Array(tablets.indices) : tablets.indices.reversed()
            for stick in round.isMultiple(of: 2) ? sticks : sticks.reversed() {
                for index in order { try visit(index, stick) }
                try hubVisits(stick)
                for index in order { try visit(index, stick) }
            }
            let now = try standing()
            quiet = now == last ? quiet + 1 : 0
            last = now
            if quiet == 2 { return stage.tell("nothing moves after \(round + 1) rounds") }
        }
        throw ScriptComplaint("it does not come to rest in \(Self.bound) rounds: \(last as Any)")
    }

    private func standing() throws -> Standing {
        Standing(
            position: try hub.position(),
            tablets: try tablets.map { tablet in
                let status = try tablet.replica.status()
                return [
                    status.position, UInt64(status.unreceipted), UInt64(status.carried), UInt64(status.parked.count),
                    status.mustHandIn ? 1 : 0,
                ]
            },
            files: try sticks.map { try contents($0).files.keys.sorted() })
    }

    func judge() throws {
        let due = try owed().sorted().map { dot in
            guard let change = changes[dot] else { throw ScriptComplaint("\(dot) is there and nobody sealed it") }
            return change
        }
        let model = NaiveModel(schema: schema, changes: due)
        let digest = model.digest()
        let everybody = [("the hub", hub.replica)] + tablets.map { ($0.file, $0.replica) }
        for (name, replica) in everybody {
            let status = try replica.status()
            try require(
                try replica.digest() == digest,
                "\(name) shows another state than the rules make: \(try model.difference(from: replica))")
            try require(status.parked.isEmpty, "\(name) has parked \(status.parked)")
            try require(status.isAllAtHub && status.carried == 0, "\(name) has work that is not at the hub")
        }
        try require(try hub.verify().faults.isEmpty, "the hub is not whole: \(try hub.verify().faults)")
        try judgeQuiet()
    }

    /// Whoever has nothing to say leaves nothing: who is the only one of its name and comes twice to one stick. Where a hub has nothing
    /// at all its devices go on asking.
    private func judgeQuiet() throws {
        if try hub.position() == 0 { return }
        for index in tablets.indices where tablets.filter({ $0.name == tablets[index].name }).count == 1 {
            for stick in sticks {
                try visit(index, stick)
                let again = try visit(index, stick)
                try require(again.sent == nil, "\(tablets[index].file) writes anew what it left on \(stick) just now")
            }
        }
    }
}
