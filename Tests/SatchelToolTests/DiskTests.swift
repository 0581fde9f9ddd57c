import Foundation
import Testing

extension Commands {
    /// Disks that are full, and files that nobody may look at.
    @Suite struct DiskTests {
        /// Runs a command that can write no file beyond some hundred kilobytes, as on a disk that becomes full.
        private func full(_ tool: Tool, _ arguments: [String]) throws -> Tool.Outcome {
            let limited = "trap '' XFSZ; ulimit -f 200; exec \"$@\""
            return try #require(Tool.shell).run(["-c", limited, "sh", tool.path] + arguments)
        }

        private func calls(_ world: World) -> [(Tool, [String])] {
            [
                (.satchel, ["view", world["wang.db"], "client", "c1"]), (.hub, ["key", world["hub"]]),
                (.hub, ["enrol", world["hub"], "--name", "li"]),
            ]
        }

        /// CLI-2: as for a bundle.
        @Test(.enabled(if: Tool.shell != nil, "there is no shell here"))
        func aFullDiskIsCode1WhateverIsWritten() throws {
            let long = String(repeating: "x", count: 300_000)
            let world = try World(schema: World.schema + "\n-- " + long, devices: ["wang"])
            try world.load("wang", "client", "id,name\nc1,\(long)\n")
            func made() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: world.folder).filter { $0.hasPrefix("out") }
            }
            for (tool, call) in calls(world) {
                let outcome = try full(tool, call + ["-o", world["out"]])
                #expect(outcome.code == 1, "\(call[0]): \(outcome.error)")
                #expect(outcome.error.contains("error: \(world["out"]) cannot be written: "), "\(outcome.error)")
                #expect(outcome.error.contains("whether the disk is full"), "\(outcome.error)")
                #expect(try made() == [], "\(call[0])")
            }
            // A view that was there is there still.
            try world.write("id,name\nc2,short\n", "short.csv")
            try world.satchel("load", world["wang.db"], "client", world["short.csv"])
            try world.satchel("view", world["wang.db"], "client", "c2", "-o", world["out"])
            let before = try world.bytes("out")
            #expect(try full(.satchel, calls(world)[0].1 + ["-o", world["out"]]).code == 1)
            #expect(try world.bytes("out") == before && made() == ["out"])
            for (place, (tool, call)) in calls(world).enumerated() {
                let outcome = try tool.run(call + ["-o", world["made-\(place)"]])
                #expect(outcome.code == 0, "with room: \(outcome.error)")
            }
        }

        /// CLI-2.
        @Test func aFolderThatIsNotThereIsCode1WhateverIsWritten() throws {
            let world = try World(devices: ["wang"])
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            for (tool, call) in calls(world) + [(Tool.satchel, ["pack", world["wang.db"]])] {
                let outcome = try tool.run(call + ["-o", world["nowhere/out"]])
                #expect(outcome.code == 1, "\(call[0]): \(outcome.error)")
                #expect(outcome.error.contains("nowhere/out"), "\(outcome.error)")
            }
        }

        /// CLI-2: of a link that leads to itself nobody can tell what it leads to, whatever their rights.
        @Test func aHubThatCannotBeReadIsNotSaidToBeMissing() throws {
            let world = try World(devices: [])
            try FileManager.default.createSymbolicLink(
                atPath: world["loop"], withDestinationPath: world["loop"])
            let told = try [
                world.hub("devices", world["loop"], expecting: 1), world.satchel("status", world["loop"], expecting: 1),
            ]
            for outcome in told {
                #expect(outcome.error.contains("cannot be read: "), "\(outcome.error)")
                #expect(!outcome.error.contains("there is no"), "\(outcome.error)")
            }
            #expect(try world.hub("devices", world["none"], expecting: 2).error.contains("there is no hub in"))
            #expect(try world.satchel("status", world["none"], expecting: 2).error.contains("there is no replica at"))
        }

        /// CLI-2.
        @Test(.enabled(if: geteuid() != 0, "whoever may do everything may read everything"))
        func aHubThatMayNotBeReadIsNotSaidToBeMissing() throws {
            let world = try World(devices: [])
            func allow(_ rights: Int) throws {
                try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: world["hub"])
            }
            try allow(0o000)
            defer { try? allow(0o700) }
            for outcome in try [
                world.hub("devices", world["hub"], expecting: 1), world.satchel("status", world["hub"], expecting: 1),
            ] {
                #expect(outcome.error.contains("may not be read: "), "\(outcome.error)")
                #expect(!outcome.error.contains("there is no"), "\(outcome.error)")
            }
        }
    }
}
