internal import Foundation
internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// A device that is not there: what one would get and show, made by the code that makes it (SCO-26, DIG-7).
extension Hub {
    /// Gives `body` a replica that has just been served these scopes, and what the reply held; then both are gone.
    /// In the caller's transaction, and with the scopes in step with the log. O(rows of the scopes).
    func withStandIn<T>(
        _ scopes: [Int64], _ engine: Engine, _ body: (Replica, PackReport) throws -> T
    ) throws -> T {
        let folder = directory + "/stand-in-" + Engine.randomBytes(8).hex
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let enrolment = Enrolment.issue(
            dataSet: engine.dataSet, hubKey: engine.key, name: "stand-in", displayName: "stand-in", scopes: [],
            schema: try engine.store.schemaText)
        let audience = try enrolment.opened().grant.audience
        let served =
            try ScopeBook(engine.store).isInUse
            ? served(scopes, device: "", audience: audience, engine) : Served(view: nil, certificate: nil)
        let report = try engine.writeReply(
            to: folder + "/reply",
            for: .init(
                audience: audience, origin: nil,
                standing: Standing(epoch: 0, position: 0, scopes: 0, beyond: []), clockAhead: 0, handedIn: [],
                adopted: nil),
            scopes: served.tag, confined: served.view, certificate: served.certificate)
        let replica = try Replica.create(at: folder + "/replica.sqlite", enrolment: enrolment)
        try replica.apply(folder + "/reply")
        let result = try body(replica, report)
        try replica.close()
        return result
    }
}
