import Satchel
import SatchelFieldwork

extension Play {
    /// Two people meet on the road, no hub near: a stick goes from tablet to tablet. Then the one whose clock is years
    /// slow corrects what the other has just brought.
    mutating func noon() throws {
        console.heading("Noon", "中午")
        let (giver, taker) = (devices[0], devices[3])
        try giver.edit(cast.clock) { $0.phone = "0571-88000003" }
        let traffic = try giver.hand(to: taker, on: stick)
        console.step(
            "\(giver.person) corrects the phone number of \(cast.clock.name) and hands \(taker.person) a stick: "
                + "\(traffic.rows) rows, \(Console.bytes(traffic.bytes))")
        account.check("the stick brought the correction", try taker.shown(cast.clock.id)?.phone == "0571-88000003")
    }

    mutating func afternoon() throws {
        let taker = devices[3]
        try taker.edit(cast.clock) { $0.phone = "0571-88000004" }
        console.step(
            "\(taker.person) corrects that number once more; the clock of \(taker.name) says \(taker.now.day.rawValue), "
                + "\(Self.slowClockYears) years ago")
    }
}
