import GRDB
import Satchel
import SatchelFieldwork
import SatchelHub

extension Play {
    /// Everyone comes back, a person decides what is in conflict, and everyone takes the decisions home.
    mutating func evening() throws {
        console.heading("Evening", "晚上")
        account.eveningRounds = try meetHub("everyone comes back")
        try checkMerged()
        try decide()
        account.decisionRounds = try meetHub("everyone takes the decisions")
        try checkDecided()
    }

    /// The phone number: one of the two values is kept. The address: neither was whole, a third is written. The deleted
    /// client: it stays, since there is a visit to it. Candidates are counted from 1.
    /// The e-mail address is left in the list, for whoever watches the play.
    private mutating func decide() throws {
        let judge = devices[0]
        let conflicts = try judge.replica.conflicts()
        account.found = try conflicts.map { Account.Finding($0, of: try judge.name(of: $0)) }
        for (index, conflict) in conflicts.enumerated() where conflict.table == Client.databaseTableName {
            switch conflict.key.display {
            case cast.phone.id where conflict.unit == "phone":
                try judge.replica.resolve(conflict.id, keep: 1, actor: judge.person)
                account.phone = conflict.candidates.first?.values.first?.display
                account.found[index].decision = "\(judge.person) keeps \(account.phone ?? "")"
            case cast.address.id where conflict.unit == "address":
                let values = addressUnit(street: "文一西路969号", city: "宁波市", postcode: "315000")
                try judge.replica.resolve(conflict.id, values: values, actor: judge.person)
                account.found[index].decision = "\(judge.person) writes 宁波市文一西路969号, 315000"
            case cast.deleted.id:
                guard let keep = conflict.candidates.firstIndex(where: { $0.act == "keep" }) else { continue }
                try judge.replica.resolve(conflict.id, keep: keep + 1, actor: judge.person)
                account.found[index].decision = "\(judge.person) keeps the client, for the visit's sake"
            default: continue
            }
        }
        let decided = account.found.filter { $0.decision != nil }.count
        console.step("\(judge.person) decides \(decided) of \(conflicts.count) conflicts")
    }

    /// The values of the unit in the order of the schema, what was decided put in.
    private func addressUnit(street: String, city: String, postcode: String) -> [Value] {
        func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
        func real(_ value: Double?) -> Value { value.map { .real($0) } ?? .null }
        let client = cast.address
        return [
            text(client.province), .text(city), text(client.county), .text(street), .text(postcode),
            real(client.latitude), real(client.longitude),
        ]
    }

    /// What the merge must have done before anyone decided.
    private mutating func checkMerged() throws {
        for device in devices {
            let parts = try device.shown(cast.parts.id)
            account.check(
                "one's address and another's tier both survive", parts?.tier == .key && parts?.street == "江南大道1号新厂区")
            let address = try device.shown(cast.address.id)
            let whole = [
                ["文一西路969号", cast.address.city], [cast.address.street, "宁波市"],
            ]
            account.check("no address is put together from two", whole.contains([address?.street, address?.city]))
            let deleted = try device.shown(cast.deleted.id)
            let visited = try device.count("SELECT count(*) FROM visit WHERE id = ?", [account.visitToDeleted])
            account.check("the deleted client is back, with the visit to it", deleted != nil && visited == 1)
            let twins = try device.count("SELECT count(*) FROM client WHERE credit_code = ?", [account.duplicateCode])
            account.check("both files of the firm entered twice are kept", twins == 2)
            let slow = try device.replica.conflicts().filter { $0.key.display == cast.clock.id }
            account.check(
                "what was seen is replaced in spite of the slow clock, and without a conflict",
                try device.shown(cast.clock.id)?.phone == "0571-88000004" && slow.isEmpty)
            account.check(
                "what another program wrote arrived", try device.shown(cast.shell.id)?.vipCard == "VIP-2026")
            let before = territory.visits.filter { $0.clientId != cast.deleted.id }.count
            let visits = try device.count("SELECT count(*) FROM visit WHERE client_id <> ?", [cast.deleted.id])
            account.check(
                "every visit is counted once, though a stick came twice", visits == before + account.newVisits)
            let phones = try device.replica.conflicts().filter { $0.key.display == cast.phone.id }
            account.check("both phone numbers are kept for a person", phones.first?.candidates.count == 2)
        }
    }

    /// What must hold at the end of the day.
    private mutating func checkDecided() throws {
        for device in devices {
            let digest = try device.replica.digest()
            account.digests.append((device.name, digest))
            account.check("every tablet holds what the hub holds for it", try digest == hub.digest(for: device.name))
            account.check("the decided phone number is shown", try device.shown(cast.phone.id)?.phone == account.phone)
            let address = try device.shown(cast.address.id)
            account.check("the decided address is shown", address?.street == "文一西路969号" && address?.city == "宁波市")
            let open = try device.replica.conflicts().map(\.key.display)
            account.check("only what nobody decided is still listed", open == [cast.open.id])
            let status = try device.replica.status()
            account.check(
                "every tablet knows that all it entered is at the hub", status.isAllAtHub && status.aside.isEmpty)
        }
        account.digests.append(("hub", try hub.digest()))
        account.check("all digests are equal", Set(account.digests.map(\.digest)).count == 1)
        let verified = try hub.verify()
        account.check("every signature at the hub is good", verified.faults.isEmpty && verified.changesets > 0)
    }
}
