import GRDB
import Satchel
import SatchelFieldwork
import SatchelHub

extension Account {
    func print(of play: Play) throws {
        let console = play.console
        console.heading("The account", "一天的总结")
        printTraffic(of: play)
        printConflicts(console)
        try printDuplicates(of: play)
        console.say("\nWhat must hold 核对结果")
        for claim in claims { console.say("  \(claim.holds ? "yes" : "NO ") \(claim.text)") }
        printDigests(console)
        printTimes(console)
        printNextSteps(of: play)
    }

    private func printTraffic(of play: Play) {
        play.console.say("What each device sent, to the hub and to each other 各设备发送")
        let widths = [10, 10, -12, -8, -12, -15]
        func say(_ cells: [String]) {
            play.console.say("  " + zip(cells, widths).map { Console.column($0, $1) }.joined())
        }
        say(["device", "person", "changesets", "rows", "bytes", "rows received"])
        for device in play.devices {
            say([
                device.name, device.person, "\(device.sent.changesets)", "\(device.sent.rows)",
                Console.bytes(device.sent.bytes), "\(device.received.rows)",
            ])
        }
    }

    private func printConflicts(_ console: Console) {
        console.say("\nWhat conflicted, and how it was decided 冲突与裁定")
        for finding in found {
            console.say("  \(finding.title)")
            for (index, value) in finding.values.enumerated() { console.say("    \(index + 1)  \(value)") }
            console.say("    => \(finding.decision ?? "left for you to decide 留待您裁定")")
        }
    }

    private func printDuplicates(of play: Play) throws {
        let code = duplicateCode
        let names = try play.devices[0].replica.read { db in
            try String.fetchAll(
                db, sql: "SELECT name || ' (' || created_by || ')' FROM client WHERE credit_code = ? ORDER BY id",
                arguments: [code])
        }
        play.console.say("\nOne credit code, two files, both kept 疑似重复客户: \(code)")
        for (index, name) in names.enumerated() { play.console.say("    \(index + 1)  \(name)") }
    }

    /// One line for each digest that there is: when all is well, one.
    private func printDigests(_ console: Console) {
        console.say("\nDigests 摘要")
        for (digest, holders) in Dictionary(grouping: digests, by: \.digest).sorted(by: { $0.key < $1.key }) {
            console.say("  \(digest)")
            console.say("  \(holders.map(\.device).joined(separator: ", "))")
        }
    }

    private func printTimes(_ console: Console) {
        let parts = [
            ("morning", took.morning, morningRounds), ("on the road", took.day, 0),
            ("evening", took.evening, eveningRounds + decisionRounds),
        ]
        let words = parts.map { name, time, rounds in
            "\(name) \(Console.seconds(time))" + (rounds > 0 ? " with \(rounds) rounds at the hub" : "")
        }
        console.say("\nTime 用时: " + words.joined(separator: ", "))
    }

    private func printNextSteps(of play: Play) {
        let file = play.devices[0].path
        let tool = ".build/release/satchel"
        // The demo itself does not need the command, and a first run should not wait for it.
        let build = "swift build -c release -Xswiftc -enable-testing --product satchel"
        var commands = [build, "\(tool) status \(file)", "\(tool) conflicts \(file)"]
        for finding in found where finding.decision == nil {
            commands.append("\(tool) resolve \(file) \(finding.id) --keep 2")
        }
        commands.append("\(tool) log \(play.hub.directory) client \(play.cast.phone.id)")
        commands.append("sqlite3 \(file) 'SELECT name, phone FROM client LIMIT 5'")
        play.console.say("\nNow look for yourself 自己试试")
        for command in commands { play.console.say("  \(command)") }
    }
}
