package import SatchelModel
package import SatchelWire

/// Whom a bundle may come from, and whom it may be meant for (BND-4, IDN-5, IDN-6): all that checking one takes, so that
/// it can be done on any core.
package struct BundleTrust: Sendable {
    let dataSet: Hash256
    let hubKey: [UInt8]
    /// The replica's own lines, and its name for who writes to it before they know its line.
    let audiences: Set<OriginID>

    /// The bundle is another's.
    package struct NotForHere: Error {
        package let audience: OriginID
    }

    /// Checks a whole bundle. Throws `NotForHere`, `RefusedBundle` or `WireError`.
    package func verify(_ bundle: UnverifiedBundle) throws -> VerifiedBundle {
        try bundle.verify { header, certificate in
            guard header.dataSet == dataSet else {
                throw RefusedBundle(
                    description: "This bundle belongs to another data set.",
                    try: "give it to a replica of that data set; `satchel inspect` says whose it is")
            }
            try certificate.verify(hubKey: hubKey, dataSet: dataSet)
            guard certificate.origin(dataSet: dataSet) == header.sender else {
                throw WireError.untrusted("the sender's certificate is another's")
            }
            if let audience = header.audience, !audiences.contains(audience) {
                throw NotForHere(audience: audience)
            }
            return certificate.deviceKey
        }
    }
}
