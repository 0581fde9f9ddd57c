import GRDB
import Satchel
import SatchelFieldwork

extension Play {
    static let visitsEach = 8

    /// Offline: visits, and corrections that nobody else can see yet.
    mutating func day() throws {
        console.heading("On the road, offline", "外出走访，离线")
        for (index, device) in devices.enumerated() { try visits(of: device, number: index) }
        try twoPhoneNumbers()
        try twoMailAddresses()
        try addressAndTier()
        try streetAndCity()
        try deleteAgainstVisit()
        try duplicateClient()
        try otherProgram()
    }

    private mutating func visits(of device: Device, number: Int) throws {
        let own = cast.others.filter { $0.owner == device.person }
        let shared = cast.others.dropFirst(number * Self.visitsEach)
        let clients = (own.count >= Self.visitsEach ? own[...] : shared).prefix(Self.visitsEach)
        let visits = clients.map { device.newVisit(to: $0) }
        let today = device.now.day.rawValue
        for visit in visits {
            try device.replica.write { db in
                try visit.insert(db)
                try db.execute(
                    sql:
                        "UPDATE visit_plan SET state = 'done', state_since = ? WHERE client_id = ? AND state = 'planned'",
                    arguments: [today, visit.clientId])
            }
        }
        account.newVisits += visits.count
        console.step("\(device.person) writes up \(visits.count) visits on \(device.name)")
    }

    private func twoPhoneNumbers() throws {
        try devices[0].edit(cast.phone) { $0.phone = "0571-88000001" }
        try devices[1].edit(cast.phone) { $0.phone = "0571-88000002" }
        console.step("\(devices[0].person) and \(devices[1].person) correct the phone number of \(cast.phone.name)")
    }

    private func twoMailAddresses() throws {
        try devices[2].edit(cast.open) { $0.email = "office@example.com" }
        try devices[3].edit(cast.open) { $0.email = "quality@example.com" }
        console.step("\(devices[2].person) and \(devices[3].person) correct the e-mail address of \(cast.open.name)")
    }

    private func addressAndTier() throws {
        try devices[1].edit(cast.parts) {
            $0.tier = .key
            $0.tierBasis = "本年协议金额增长"
        }
        try devices[2].edit(cast.parts) { $0.street = "江南大道1号新厂区" }
        console.step(
            "\(devices[1].person) raises the tier of \(cast.parts.name), \(devices[2].person) corrects its address")
    }

    private func streetAndCity() throws {
        try devices[2].edit(cast.address) { $0.street = "文一西路969号" }
        try devices[4].edit(cast.address) {
            $0.city = "宁波市"
            $0.postcode = "315000"
        }
        console.step("\(devices[2].person) corrects the street of \(cast.address.name), \(devices[4].person) its city")
    }

    private mutating func deleteAgainstVisit() throws {
        let client = cast.deleted.id
        try devices[4].replica.write { db in
            for table in ["visit", "visit_plan", "contact"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE client_id = ?", arguments: [client])
            }
            try db.execute(sql: "DELETE FROM client WHERE id = ?", arguments: [client])
        }
        let visit = devices[0].newVisit(to: cast.deleted)
        try devices[0].replica.write { db in try visit.insert(db) }
        account.visitToDeleted = visit.id
        console.step("\(devices[4].person) deletes \(cast.deleted.name), \(devices[0].person) logs a visit to it")
    }

    private mutating func duplicateClient() throws {
        var random = SplitMix64(seed: 18)
        let code = CreditCode.random(kind: "91", region: "330106", using: &random)
        for (device, name) in [(devices[1], "杭州云帆包装有限公司"), (devices[4], "云帆包装（杭州）有限公司")] {
            var client = Client(id: device.newID(), name: name, by: device.person, at: device.now)
            client.creditCode = code
            client.lifecycle = .prospect
            client.owner = device.person
            let entered = client
            try device.replica.write { db in try entered.insert(db) }
        }
        account.duplicateCode = code
        console.step("\(devices[1].person) and \(devices[4].person) both enter a new firm with credit code \(code)")
    }

    private func otherProgram() throws {
        let note = OtherProgram.quoted("报表程序写入")
        let program = try OtherProgram.run(
            "UPDATE client SET vip_card = 'VIP-2026', note = \(note) WHERE id = \(OtherProgram.quoted(cast.shell.id))",
            on: devices[2].path)
        console.step("\(program) changes \(cast.shell.name) in the file of \(devices[2].name)")
    }
}
