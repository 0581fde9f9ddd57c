internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Which device writes a line, as its certificate says.
final class DeviceNames {
    private let store: Store
    private var known: [OriginID: String?] = [:]

    init(_ store: Store) { self.store = store }

    /// Nil: the line is the hub's own, or of somebody unknown.
    func device(_ origin: OriginID) throws -> String? {
        if let known = known[origin] { return known }
        let author = try store.author(origin)
        let name = try author.flatMap {
            $0.certificate.isEmpty ? nil : try Certificate(decoding: $0.certificate).grant?.name
        }
        known[origin] = .some(name)
        return name
    }
}
