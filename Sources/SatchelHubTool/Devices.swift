internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-36.
struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists who may join, who came, and who lacks what.")

    @Argument(help: "The hub's directory.") var hub: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct One: Encodable {
            let name: String
            let displayName: String
            @OrNull var origin: String?
            let enrolled: String
            let enrolledMs: Int64
            @OrNull var lastSeen: String?
            @OrNull var lastSeenMs: Int64?
            @OrNull var retired: String?
            @OrNull var retiredMs: Int64?
            let position: UInt64
            let lacks: UInt64
            let clockAheadMs: Int64

            init(_ device: Device, of position: UInt64) {
                name = device.name
                displayName = device.displayName
                _origin = OrNull(wrappedValue: device.origin?.description)
                enrolled = device.enrolled.told
                enrolledMs = device.enrolled.milliseconds
                _lastSeen = OrNull(wrappedValue: device.lastSeen?.told)
                _lastSeenMs = OrNull(wrappedValue: device.lastSeen?.milliseconds)
                _retired = OrNull(wrappedValue: device.retired?.told)
                _retiredMs = OrNull(wrappedValue: device.retired?.milliseconds)
                self.position = device.standing.position
                lacks = position - min(position, device.standing.position)
                clockAheadMs = device.clockAhead
            }
        }

        let position: UInt64
        let devices: [One]
    }

    func run() throws {
        let hub = try answer.hub(hub)
        let position = try hub.position()
        let told = Told(position: position, devices: try hub.devices().map { .init($0, of: position) })
        try Answer.give(
            told, json: answer.json,
            told.devices.map {
                "\($0.name) (\($0.displayName)): last seen \($0.lastSeen ?? "never"), lacks \($0.lacks)"
                    + ($0.retired == nil ? "" : ", retired")
            })
    }
}
