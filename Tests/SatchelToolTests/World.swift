import Foundation
import Testing

/// A folder of its own with a hub and two devices in it, worked only through the executables.
final class World {
    let folder: String

    /// Client files and visits, as small as can be.
    static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, visits INTEGER, photo BLOB, area REAL);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
        CREATE TABLE card(id TEXT PRIMARY KEY, number TEXT UNIQUE);
        CREATE TABLE draft(text TEXT);
        """

    /// A hub with this schema, and devices wang and li, which have nothing yet.
    init(schema: String = schema, devices: [String] = ["wang", "li"]) throws {
        folder = NSTemporaryDirectory() + "satchel-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(schema, "schema.sql")
        try hub("init", self["hub"], "--schema", self["schema.sql"])
        for device in devices {
            try hub("enrol", self["hub"], "--name", device, "-o", self[device + ".enrolment"])
            try satchel("init", self[device + ".db"], "--enrolment", self[device + ".enrolment"])
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    subscript(name: String) -> String { folder + "/" + name }

    @discardableResult
    func satchel(_ arguments: String..., expecting code: Int32 = 0, input: String = "") throws -> Tool.Outcome {
        try run(.satchel, arguments, code, input)
    }

    @discardableResult
    func hub(_ arguments: String..., expecting code: Int32 = 0) throws -> Tool.Outcome {
        try run(.hub, arguments, code, "")
    }

    private func run(_ tool: Tool, _ arguments: [String], _ code: Int32, _ input: String) throws -> Tool.Outcome {
        let outcome = try tool.run(arguments, input: input)
        #expect(outcome.code == code, "\(arguments): \(outcome.error)")
        // CLI-3: pairs of lines, and only where something is wrong.
        let lines = outcome.error.split(separator: "\n")
        #expect(lines.count.isMultiple(of: 2) && lines.isEmpty == (outcome.code == 0), "\(arguments): \(outcome.error)")
        for (index, line) in lines.enumerated() {
            #expect(line.hasPrefix(index.isMultiple(of: 2) ? "error: " : "try: "), "\(arguments): \(outcome.error)")
        }
        return outcome
    }

    /// Another program writes.
    func sql(_ device: String, _ text: String) throws {
        let sqlite = try #require(Tool.sqlite)
        let outcome = try sqlite.run([self[device + ".db"], text])
        #expect(outcome.code == 0, "\(outcome.error)")
    }

    func write(_ text: String, _ name: String) throws { try write(Data(text.utf8), name) }

    func write(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: self[name])) }

    func bytes(_ name: String) throws -> Data { try #require(FileManager.default.contents(atPath: self[name])) }

    func load(_ device: String, _ table: String, _ csv: String) throws {
        try satchel("load", self[device + ".db"], table, "-", input: csv)
    }

    /// Up and down again for both.
    func exchange(_ devices: [String] = ["wang", "li", "wang", "li"]) throws {
        for device in devices {
            try satchel("pack", self[device + ".db"], "-o", self[device + ".up"])
            try hub("merge", self["hub"], self[device + ".up"], "--replies", self["replies"])
            try satchel("apply", self[device + ".db"], self["replies/\(device).satchel"])
        }
    }

    func digest(_ name: String) throws -> String { try satchel("digest", self[name]).output }

    /// What must not change when a bundle is refused: digest, conflicts, and what the next pack holds.
    func stand(of device: String) throws -> String {
        try satchel("pack", self[device + ".db"], "-o", self["stand"])
        let changing = ["bundle", "made", "made_ms"]
        let held = try satchel("inspect", self["stand"], "--json").json.filter { !changing.contains($0.key) }
        let pack = try JSONSerialization.data(withJSONObject: held, options: .sortedKeys)
        return try digest(device + ".db") + satchel("conflicts", self[device + ".db"], "--json").output
            + String(decoding: pack, as: UTF8.self)
    }

    /// The same of the hub.
    func standOfHub() throws -> String {
        try hub("digest", self["hub"]).output + hub("conflicts", self["hub"], "--json").output
            + hub("log", self["hub"], "--json").output
    }
}
