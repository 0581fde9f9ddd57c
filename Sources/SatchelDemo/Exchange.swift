import Foundation
import Satchel
import SatchelHub

/// The roads of the play: a shared folder, a stick to the hub, a stick from tablet to tablet. Every report of the
/// library is turned into `Traffic` here. What was written is sealed under the person's name first.
extension Device {
    /// Leaves what is new in the folder and takes what lies there for this tablet. Returns what moved, both ways.
    func sync(through folder: String) throws -> Traffic {
        try replica.seal(actor: person)
        let report = try replica.sync(folder: folder)
        if let refused = report.refused { throw DataError("\(name) refuses what the hub left for it: \(refused)") }
        let out = report.sent.map(Traffic.init) ?? Traffic()
        let back = report.received.map(Traffic.init) ?? Traffic()
        noteSent(out)
        noteReceived(back)
        return out + back
    }

    /// Carries a bundle to the hub on a stick and brings its reply home. The hub is given the bundle twice, as
    /// happens with sticks. Returns what moved, both ways.
    func carry(to hub: Hub, on stick: String) throws -> Traffic {
        let bundle = "\(stick)/\(name).satchel"
        let replies = "\(stick)/replies"
        try FileManager.default.createDirectory(atPath: replies, withIntermediateDirectories: true)
        try replica.seal(actor: person)
        let out = Traffic(try replica.pack(to: bundle))
        noteSent(out)
        let report = try hub.merge([bundle, bundle], replies: replies)
        try report.checkNothingRefused()
        guard report.merged.last?.outcome == .alreadyHad else {
            throw DataError("the hub took the bundle of \(name) twice")
        }
        var back = Traffic()
        for reply in try FileManager.default.contentsOfDirectory(atPath: replies).sorted() {
            back += Traffic(try replica.apply("\(replies)/\(reply)"))
        }
        noteReceived(back)
        try FileManager.default.removeItem(atPath: stick)
        return out + back
    }

    /// Gives another tablet, with no hub near, what it lacks. The stick carries two files: what the other has, and
    /// the answer.
    func hand(to other: Device, on stick: String) throws -> Traffic {
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        let have = "\(stick)/\(other.name).have"
        let bundle = "\(stick)/\(name)-to-\(other.name).satchel"
        try replica.seal(actor: person)
        try other.replica.seal(actor: other.person)
        try other.replica.have(to: have)
        let out = Traffic(try replica.pack(for: have, to: bundle))
        noteSent(out)
        other.noteReceived(Traffic(try other.replica.apply(bundle)))
        try FileManager.default.removeItem(atPath: stick)
        return out
    }
}

extension MergeReport {
    /// In this play nobody forges or damages anything, so a refusal is a fault of the library.
    func checkNothingRefused() throws {
        for bundle in merged where ![.applied, .alreadyHad].contains(bundle.outcome) {
            let why = bundle.reasons.joined(separator: "; ")
            throw DataError("the hub did not merge a bundle of \(bundle.device): \(why)")
        }
    }
}

extension Traffic {
    init(_ report: PackReport) {
        self.init(changesets: report.changesets, rows: report.rows, bytes: report.bytes)
    }

    init(_ report: ApplyReport) { self.init(changesets: report.changesets, rows: report.rows) }
}
