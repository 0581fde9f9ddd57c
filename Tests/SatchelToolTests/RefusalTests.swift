import Foundation
import Testing

extension Commands {
    @Suite struct RefusalTests {
        /// Copies of a bundle that no replica may take.
        private func bad(_ world: World, _ good: String) throws -> [String] {
            let whole = try world.bytes(good)
            for part in [0, 1, 100, whole.count / 2, whole.count - 1] {
                try world.write(whole.prefix(part), "cut-\(part)")
            }
            for place in stride(from: 3, to: whole.count, by: max(1, whole.count / 12)) {
                var flipped = whole
                flipped[place] ^= 0x20
                try world.write(flipped, "flip-\(place)")
            }
            try world.write(whole + Data([0]), "longer")
            try world.write("no bundle at all", "text")
            let stranger = try World(devices: ["wang"])
            try stranger.load("wang", "client", "id,name\nc9,别家\n")
            try stranger.satchel("pack", stranger["wang.db"], "-o", world["stranger"])
            return try FileManager.default.contentsOfDirectory(atPath: world.folder).filter { name in
                ["cut-", "flip-", "longer", "text", "stranger"].contains(where: name.hasPrefix)
            }.sorted()
        }

        /// CLI-2.
        @Test func aBadBundleIsCode4AndChangesNothingOnADevice() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.exchange()
            try world.load("li", "client", "id,name\nc2,瑞丰\n")
            try world.load("wang", "client", "id,name,phone\nc1,恒达,1\n")
            try world.satchel("pack", world["wang.db"], "-o", world["good"])
            let before = try world.stand(of: "li")
            let names = try bad(world, "good")
            #expect(names.count > 15)
            for name in names {
                let told = try world.satchel("apply", world["li.db"], world[name], "--json", expecting: 4).json
                let fate = try #require((told["bundles"] as? [[String: Any]])?.first)
                #expect(fate["outcome"] as? String == "refused" && fate["error"] is String, "\(name)")
            }
            try world.satchel("apply", world["wang.db"], world["replies/li.satchel"], expecting: 4)
            #expect(try world.stand(of: "li") == before)
            try world.satchel("apply", world["li.db"], world["good"])
        }

        /// CLI-2.
        @Test func aBadBundleIsCode4AndChangesNothingAtTheHub() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("pack", world["wang.db"], "-o", world["good"])
            let before = try world.standOfHub()
            for name in try bad(world, "good") { try world.hub("merge", world["hub"], world[name], expecting: 4) }
            try world.hub("merge", world["hub"], world["wang.enrolment"], expecting: 4)
            #expect(try world.standOfHub() == before)
            try world.hub("merge", world["hub"], world["good"])
        }

        /// CLI-2.
        @Test func theHighestCodeCountsAndTheRestGoOn() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.load("li", "client", "id,name\nc2,瑞丰\n")
            for device in ["wang", "li"] { try world.satchel("pack", world[device + ".db"], "-o", world[device]) }
            try world.write(world.bytes("wang").dropLast(), "cut")
            let told = try world.hub(
                "merge", world["hub"], world["missing"], world["wang"], world["cut"], world["li"], "--json",
                expecting: 4
            ).json
            let fates = try #require(told["bundles"] as? [[String: Any]])
            #expect(fates.map { $0["outcome"] as? String } == ["failed", "applied", "refused", "applied"])
            #expect(fates.map { $0["code"] as? Int } == [1, 0, 4, 0])
            #expect(told["code"] as? Int == 4)
        }

        @Test func whatASecondDeviceOfOneTokenMadeIsKeptWithoutEffect_CLI33_CLI63() throws {
            let world = try World()
            try world.satchel("init", world["twin.db"], "--enrolment", world["wang.enrolment"])
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.load("twin", "client", "id,name\nc2,瑞丰\n")
            for device in ["wang", "twin"] { try world.satchel("pack", world[device + ".db"], "-o", world[device]) }
            try world.hub("merge", world["hub"], world["wang"])
            let before = try world.hub("digest", world["hub"]).output
            let told = try world.hub("merge", world["hub"], world["twin"], expecting: 5)
            #expect((told.output + told.error).contains("used on another device before"))
            #expect(try world.hub("digest", world["hub"]).output == before)
            try world.hub("quarantine", world["hub"], "--release-all-of", "wang")
            #expect(try world.hub("digest", world["hub"]).output != before)
        }

        /// CLI-2.
        @Test func whatWaitsIsCode3AndNamed() throws {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try FileManager.default.copyItem(atPath: world["hub"], toPath: world["old-hub"])
            try world.exchange(["wang"])
            try world.load("wang", "visit", "id,client_id,note\nv1,c1,复检\n")
            try world.satchel("pack", world["wang.db"], "-o", world["later"])
            let outcome = try world.satchel("apply", world["li.db"], world["later"], "--json", expecting: 3)
            let fate = try #require((try outcome.json["bundles"] as? [[String: Any]])?.first)
            let waits = try #require(fate["waits_for"] as? [String])
            #expect(fate["outcome"] as? String == "parked" && !waits.isEmpty)
            #expect(outcome.error.contains("the hub's changes up to number 1"), "\(outcome.error)")
            let status = try world.satchel("status", world["li.db"], "--json").json
            #expect((status["parked"] as? [[String: Any]])?.count == 1)
            let atHub = try world.hub("merge", world["old-hub"], world["later"], expecting: 3)
            #expect(atHub.error.contains("earlier work of wang from before "), "\(atHub.error)")
            try world.exchange()
            #expect(try world.digest("li.db") == world.digest("hub"))
        }

        /// CLI-2.
        @Test func aRowThatCannotBeShownIsCode5AndNamed() throws {
            let world = try World()
            try world.load("wang", "card", "id,number\na,7\n")
            try world.load("li", "card", "id,number\nb,7\n")
            for device in ["wang", "li"] { try world.satchel("pack", world[device + ".db"], "-o", world[device]) }
            try world.hub("merge", world["hub"], world["wang"])
            try world.hub("merge", world["hub"], world["li"], expecting: 5)
            let aside = try #require(
                try world.satchel("status", world["hub"], "--json").json["aside"] as? [[String: Any]])
            #expect(aside.count == 1 && aside[0]["table"] as? String == "card")
        }

        /// CLI-2, CLI-7.
        @Test(.enabled(if: Tool.sqlite != nil, "sqlite3 is not here")) func aFileHeldByAnotherProgramIsCode6()
            throws
        {
            let world = try World()
            try world.load("wang", "client", "id,name\nc1,恒达\n")
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            for (file, hubToo) in [(world["wang.db"], false), (world["hub/hub.sqlite"], true)] {
                let input = Pipe()
                let holder = try #require(Tool.sqlite).start([file], input: input)
                defer {
                    try? input.fileHandleForWriting.close()
                    holder.waitUntilExit()
                }
                let sign = world["held-\(hubToo)"]
                input.fileHandleForWriting.write(Data("BEGIN IMMEDIATE;\n.shell touch \(sign)\n".utf8))
                for _ in 0..<500 where !FileManager.default.fileExists(atPath: sign) { usleep(10_000) }
                #expect(FileManager.default.fileExists(atPath: sign))
                if hubToo {
                    try world.hub("merge", world["hub"], world["up"], "--busy-ms", "50", expecting: 6)
                    try world.hub("digest", world["hub"], "--busy-ms", "0", expecting: 6)
                } else {
                    try world.satchel("pack", file, "-o", world["x"], "--busy-ms", "50", expecting: 6)
                    try world.satchel(
                        "load", file, "client", "-", "--busy-ms", "0", expecting: 6, input: "id,name\nc2,x\n")
                }
            }
            try world.satchel("pack", world["wang.db"], "-o", world["x"])
        }
    }
}
