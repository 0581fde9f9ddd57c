import Foundation
import Satchel
import SatchelFieldwork

let console = Console()
guard let arguments = DemoArguments(Array(CommandLine.arguments.dropFirst())) else {
    console.fail("these arguments cannot be read")
    console.say(DemoArguments.usage)
    exit(2)
}

do {
    let today = Moment(milliseconds: SystemClock().now().milliseconds).day
    let territory =
        try arguments.data.map { try Territory.read(folder: $0, today: today) }
        ?? Territory.generated(seed: arguments.seed, today: today)
    var play = try Play(territory: territory, folder: arguments.folder, seed: arguments.seed, console: console)
    let holds = try play.run()
    console.say(holds ? "\nEverything holds. 全部核对无误。" : "\nSomething does not hold: see the lines with NO above.")
    exit(holds ? 0 : 1)
} catch {
    console.fail("\(error)")
    exit(1)
}
