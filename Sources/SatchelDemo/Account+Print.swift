import GRDB
import Satchel
import SatchelFieldwork

extension Account {
    func print(of play: Play) throws {
        let console = play.console
        console.heading("The account", "一天的总结")
        printTraffic(of: play)
        printConflicts(console)
        try printDuplicates(of: play)
        console.say("\nWhat must hold 核对结果")
        for claim in claims { console.say("  \(claim.holds ? "yes" : "NO ") \(claim.text)") }
        console.say("\nDigests 摘要")
        for (device, digest) in digests { console.say("  \(device)  \(digest)") }
        let rounds = "\(morningRounds) rounds in the morning, \(eveningRounds) in the evening, \(decisionRounds) after"
        console.say("\nIt took \(Console.seconds(took)), \(rounds) the decisions.")
        printNextSteps(of: play)
    }

    private func printTraffic(of play: Play) {
        play.console.say("What each device sent 各设备发送")
        let head = ["device", "person", "changesets", "rows", "bytes", "rows received"]
        let widths = [11, 13, 12, 9, 13, 13]
        func line(_ cells: [String]) -> String {
            "  " + zip(cells, widths).map { Console.column($0, $1) }.joined()
        }
        play.console.say(line(head))
        for device in play.devices {
            let cells = [
                device.name, device.person, "\(device.sent.changesets)", "\(device.sent.rows)",
                Console.bytes(device.sent.bytes), "\(device.received.rows)",
            ]
            play.console.say(line(cells))
        }
    }

    private func printConflicts(_ console: Console) {
        console.say("\nWhat conflicted, and how it was decided 冲突与裁定")
        for finding in found {
            console.say("  \(finding.title)")
            for value in finding.values { console.say("    - \(value)") }
            console.say("    = \(finding.decision ?? "left for a person to decide 待人工处理")")
        }
    }

    private func printDuplicates(of play: Play) throws {
        let code = duplicateCode
        let names = try play.devices[0].replica.read { db in
            try String.fetchAll(
                db, sql: "SELECT name || ', ' || created_by FROM client WHERE credit_code = ? ORDER BY id",
                arguments: [code])
        }
        play.console.say("\nThe same credit code twice, both kept 重复客户 (\(code))")
        for name in names { play.console.say("  - \(name)") }
    }

    private func printNextSteps(of play: Play) {
        let file = play.devices[0].path
        let tool = ".build/release/satchel"
        play.console.say("\nNow look for yourself 自己试试")
        for command in [
            "\(tool) status \(file)", "\(tool) conflicts \(file)",
            "sqlite3 \(file) 'SELECT name, phone FROM client LIMIT 5'",
        ] { play.console.say("  \(command)") }
    }
}
