public import Satchel
internal import SatchelStore
internal import SatchelWire

extension Hub {
    /// Admits one more device: makes a token for it, which admits the first device key that comes with it.
    ///
    /// `name` is 1–32 of a–z, 0–9 and hyphens, and not yet taken; `displayName` is free.
    public func enrol(name: String, displayName: String = "") throws -> Enrolment {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
        guard (1...32).contains(name.count), name.allSatisfy(allowed.contains), name != "hub" else {
            throw UsageError(
                "“\(name)” cannot be a device's name", try: "use 1 to 32 of a–z, 0–9 and hyphens, and not “hub”")
        }
        return try replica.withEngine { engine in
            try engine.transaction {
                let registry = Registry(engine.store)
                guard try registry.find(name) == nil else {
                    throw UsageError("a device \(name) is enrolled already", try: "choose another name")
                }
                let enrolment = Enrolment.issue(
                    dataSet: engine.dataSet, hubKey: engine.key, name: name,
                    displayName: displayName.isEmpty ? name : displayName, scopes: Self.scopes,
                    schema: try engine.store.schemaText)
                try registry.enrol(
                    name: name, displayName: enrolment.displayName, tokenKey: enrolment.opened().token.publicKey,
                    at: engine.clock.now())
                return enrolment
            }
        }
    }

    public func devices() throws -> [Device] {
        try replica.withEngine { engine in try engine.transaction { try Registry(engine.store).devices() } }
    }

    /// How many of the hub's changesets a device has not said that it has.
    public func position() throws -> UInt64 {
        try replica.withEngine { engine in try engine.transaction { try engine.position } }
    }
}
