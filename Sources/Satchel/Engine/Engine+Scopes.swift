internal import SatchelModel
internal import SatchelStore
package import SatchelWire

/// What a reply says of the scopes that it serves.
struct ServedScopes {
    var confinement: Confinement?
    var certificate: ScopeCertificate?

    /// Whether the device holds only the rows of some scopes.
    var isConfined: Bool { confinement != nil }
}

/// The scopes of this device, as the hub's last reply has them.
extension Engine {
    func learn(_ item: BundleItem, _ served: inout ServedScopes) throws {
        switch item {
        case .confinement(let confinement): served.confinement = confinement
        case .scopes(let scopes):
            try check(scopes, of: certificate)
            served.certificate = scopes
        default: break
        }
    }

    /// Throws `WireError` if the hub did not sign these scopes, or signed them for somebody else (SCO-21).
    func check(_ scopes: ScopeCertificate, of device: Certificate) throws {
        try scopes.verify(hubKey: hubKey, dataSet: dataSet)
        guard scopes.audience == device.grant?.audience else {
            throw WireError.untrusted("the scopes of another device")
        }
    }

    /// A reply's tag is that of the scopes that it shows, so that no set passes for another (SCO-10).
    func check(_ served: ServedScopes, of reply: Reply) throws {
        guard served.isConfined == served.certificate.map({ !$0.isOfAll }) ?? false else {
            throw WireError.damaged("a reply's scopes are not whole")
        }
        if let certificate = served.certificate, certificate.tag != reply.scopes {
            throw WireError.untrusted("the reply is for other scopes than it shows")
        }
    }

    func keep(_ served: ServedScopes) throws {
        try store.setMeta("scope_certificate", served.certificate.map { .blob($0.encoded) })
    }

    /// What this device is served by; nil: it has everything, or was never served.
    package func scopeCertificate() throws -> ScopeCertificate? {
        try store.metaBlob("scope_certificate").map { try ScopeCertificate(decoding: $0) }
    }

    func names(_ tables: [Confinement.Rows]) throws -> [HeldRowName] {
        try tables.flatMap { rows in
            let table = try store.tableID(rows.table, key: rows.keyColumns)
            guard rows.keys.allSatisfy({ !$0.values.contains(.null) }) else {
                throw WireError.damaged("a row has a NULL in its key")
            }
            return rows.keys.map { HeldRowName(table: table, key: $0) }
        }
    }

    /// Keeps the hub's list of rows kept from outside, in the place of the last one. Returns the rows in which they
    /// differ.
    func keepOutside(_ kept: [Confinement.Rows]) throws -> [HeldRowName] {
        let now = try names(kept)
        let before = Set(try store.keptOutside().map { HeldRowName(table: $0.table, key: $0.key) })
        if before.isEmpty, now.isEmpty { return [] }
        try store.setKeptOutside(now.map { ($0.table, $0.key) })
        return before.symmetricDifference(now).sorted()
    }
}
