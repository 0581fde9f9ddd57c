internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-50.
struct Erasures: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the erasures: which devices have confirmed each, and which are missing.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct Table: Encodable {
            let table: String
            let rows: Int
            let units: [String]
        }

        struct Missing: Encodable {
            let device: String
            let copy: Bool
            @OrNull var lastSeen: String?
            @OrNull var lastSeenMs: Int64?
            let retired: Bool

            init(_ device: Device) {
                self.device = device.name
                copy = device.isCopy
                _lastSeen = OrNull(wrappedValue: device.lastSeen?.told)
                _lastSeenMs = OrNull(wrappedValue: device.lastSeen?.milliseconds)
                retired = device.retired != nil
            }
        }

        struct One: Encodable {
            let erasure: String
            let ordered: String
            let orderedMs: Int64
            let position: UInt64
            let tables: [Table]
            let confirmed: [String]
            let missing: [Missing]

            init(_ status: ErasureStatus) {
                (erasure, position, confirmed) = (status.id, status.position, status.confirmed)
                (ordered, orderedMs) = (status.ordered.told, status.ordered.milliseconds)
                tables = status.tables.map { .init(table: $0.table, rows: $0.rows, units: $0.units) }
                missing = status.missing.map(Missing.init)
            }
        }

        let erasures: [One]
    }

    func run() throws {
        let told = Told(erasures: try answer.hub(hub).erasures().map(Told.One.init))
        try Answer.give(
            told, json: answer.json,
            told.erasures.flatMap { one in
                ["\(one.erasure)  \(one.ordered)  confirmed by \(counted(one.confirmed.count, "device"))"]
                    + one.missing.map {
                        "  missing since then: \($0.copy ? "a copy of " : "")\($0.device), last seen \($0.lastSeen ?? "never")"
                            + ($0.retired ? ", retired" : "")
                    }
            })
    }
}
