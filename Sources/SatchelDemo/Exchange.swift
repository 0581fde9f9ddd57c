import Foundation
import Satchel
import SatchelHub

/// The roads of the play: a shared folder, a stick to the hub, a stick from tablet to tablet. Every report of the
/// library is turned into `Traffic` here. What was written is sealed under the person's name first.
extension Device {
    /// Leaves what is new in the folder and takes what lies there for this tablet. True if anything moved.
    func sync(through folder: String) throws -> Bool {
        try replica.seal(actor: person)
        let report = try replica.sync(folder: folder)
        let out = Traffic(report.sent)
        let back = Traffic(report.received)
        noteSent(out)
        noteReceived(back)
        return !out.isEmpty || !back.isEmpty
    }

    /// Carries a bundle to the hub on a stick and brings its reply home. True if anything moved.
    func carry(to hub: Hub, on stick: String) throws -> Bool {
        let bundle = "\(stick)/\(name).satchel"
        let replies = "\(stick)/replies"
        try FileManager.default.createDirectory(atPath: replies, withIntermediateDirectories: true)
        try replica.seal(actor: person)
        let out = Traffic(try replica.pack(to: bundle))
        noteSent(out)
        try hub.merge([bundle], replies: replies, all: false)
        var back = Traffic()
        for reply in try FileManager.default.contentsOfDirectory(atPath: replies).sorted() {
            back += Traffic(try replica.apply("\(replies)/\(reply)"))
        }
        noteReceived(back)
        try FileManager.default.removeItem(atPath: stick)
        return !out.isEmpty || !back.isEmpty
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

extension Traffic {
    init(_ report: PackReport) {
        self.init(changesets: report.changesets, rows: report.rows, bytes: report.bytes)
    }

    init(_ report: ApplyReport) { self.init(changesets: report.changesets, rows: report.rows) }
}
