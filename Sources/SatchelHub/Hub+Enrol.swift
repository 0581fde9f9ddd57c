internal import Foundation
public import Satchel
internal import SatchelStore
internal import SatchelWire

extension Hub {
    /// Admits one more device: makes a token for it, which admits the first device key that comes with it.
    ///
    /// `name` is 1–32 of a–z, 0–9 and hyphens, and not yet taken; `displayName` is free.
    ///
    /// - Parameter scopes: what it is served. Nil: everything as long as there are no scopes, then nothing until it
    ///   is granted something (SCO-6).
    public func enrol(name: String, displayName: String = "", scopes: [String]? = nil) throws -> Enrolment {
        try replica.withEngine { engine in
            try engine.transaction {
                let enrolment = try enrol(name: name, displayName: displayName, engine)
                if let scopes { try grant(name, scopes: scopes, engine) }
                return enrolment
            }
        }
    }

    /// Admits devices and writes a file for each, all or none. Nothing may be at the paths.
    ///
    /// - Parameter scopes: what each is served; nil as above.
    public func enrol(
        _ devices: [(name: String, displayName: String, path: String)], scopes: [String]? = nil
    ) throws -> [Enrolment] {
        var written: [String] = []
        do {
            return try replica.withEngine { engine in
                try engine.transaction {
                    try devices.map { device in
                        guard !FileManager.default.fileExists(atPath: device.path) else {
                            throw UsageError("there is something at \(device.path) already", try: "give another path")
                        }
                        let enrolment = try enrol(name: device.name, displayName: device.displayName, engine)
                        if let scopes { try grant(device.name, scopes: scopes, engine) }
                        written.append(device.path)
                        try enrolment.write(to: device.path)
                        return enrolment
                    }
                }
            }
        } catch {
            for path in written { try? FileManager.default.removeItem(atPath: path) }
            throw error
        }
    }

    /// Admits the devices of a CSV file with the columns `name` and, if wanted, `display_name`; the files go into a
    /// folder, which is made if it is not there, as NAME.enrolment.
    public func enrol(from list: String, into folder: String) throws -> [(enrolment: Enrolment, path: String)] {
        guard let data = FileManager.default.contents(atPath: list) else {
            throw UsageError("\(list) cannot be read", try: "check the path")
        }
        var reader = CSVReader(Array(data), name: list)
        let header = try reader.next()?.fields.map(\.text) ?? []
        guard let name = header.firstIndex(of: "name") else {
            throw UsageError("\(list) has no column name", try: "make its first line name,display_name")
        }
        let display = header.firstIndex(of: "display_name")
        var devices: [(name: String, displayName: String, path: String)] = []
        var lines: [String: Int] = [:]
        while let row = try reader.next() {
            guard row.fields.count == header.count else {
                throw UsageError("line \(row.line) of \(list) has another number of fields", try: "change that line")
            }
            let device = row.fields[name].text
            if let before = lines.updateValue(row.line, forKey: device) {
                throw UsageError(
                    "line \(row.line) of \(list) names “\(device)” once more, which line \(before) does already",
                    try: "give each device a name of its own; nobody was enrolled")
            }
            devices.append((device, display.map { row.fields[$0].text } ?? "", "\(folder)/\(device).enrolment"))
        }
        let enrolments = try MadeWhole.folder(at: folder) { try enrol(devices) }
        return zip(enrolments, devices).map { (enrolment: $0, path: $1.path) }
    }

    /// In the caller's transaction.
    private func enrol(name: String, displayName: String, _ engine: Engine) throws -> Enrolment {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
        guard (1...32).contains(name.count), name.allSatisfy(allowed.contains), name != "hub" else {
            throw UsageError(
                "“\(name)” cannot be a device's name", try: "use 1 to 32 of a–z, 0–9 and hyphens, and not “hub”")
        }
        let registry = Registry(engine.store)
        guard try registry.find(name) == nil else {
            throw UsageError("a device \(name) is enrolled already", try: "choose another name")
        }
        let enrolment = Enrolment.issue(
            dataSet: engine.dataSet, hubKey: engine.key, name: name,
            displayName: displayName.isEmpty ? name : displayName,
            scopes: try ScopeBook(engine.store).isInUse ? [] : [ScopeDefinition.all.name],
            schema: try engine.store.schemaText)
        try registry.enrol(
            name: name, displayName: enrolment.displayName, tokenKey: enrolment.opened().token.publicKey,
            at: engine.clock.now())
        return enrolment
    }

    public func devices() throws -> [Device] {
        try replica.withEngine { engine in try engine.reading { try Registry(engine.store).devices() } }
    }

    /// The length of the hub's log: what a device's standing is measured against.
    public func position() throws -> UInt64 {
        try replica.withEngine { engine in try engine.reading { try engine.position } }
    }
}
