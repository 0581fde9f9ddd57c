internal import Foundation
internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// A record that somebody has open, and the texts that they see in it.
struct FleetForm {
    let device: Int
    let view: RecordView
    let table: String
    let id: String
    let texts: [String]
}

/// The rest of what people and operators do, and what becomes of tablets: forms that stay open, bulk decisions, deletions
/// taken back, handovers, work let in after all, bundles that wait at the hub, and files copied and put back.
extension FleetScript {
    func stepOfNews(_ index: Int) throws {
        if livesTwice, random.chance(20) { return try liveTwice(index) }
        if stage.seed >= Self.withGivingUp, random.chance(12) { return try declareLost() }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<16: try accept(index)
        case 16..<24: try mergeAccepted()
        case 24..<30: try assign()
        case 30..<38: try decideByRule()
        case 38..<46: try undoDeletion()
        case 46..<58: try openForm(index)
        case 58..<70: try saveForm()
        case 70..<75: try lookAtUnseen()
        case 75..<80: try handOver(index)
        case 80..<86: try letIn()
        case 86..<88: try release()
        case 88..<93: try declareLost()
        default: try checkStatus(devices[index].replica)
        }
    }

    /// Somebody enters clients and visits, which whoever may see them has before the story begins.
    func beginTogether(_ clients: Int) throws {
        let (name, replica) = devices[0]
        for client in 0..<clients {
            for (table, id) in [("client", "c\(client)"), ("visit", "v\(client)")] {
                let text = "第\(texts.count)号"
                let owner = random.pick(["a", "b", "c"])
                try replica.write { db in
                    try db.execute(
                        sql: table == "client"
                            ? "INSERT INTO client(id, name, owner, district) VALUES (?, ?, ?, 'N')"
                            : "INSERT INTO visit(id, note, client) VALUES (?, ?, ?)",
                        arguments: [id, text, table == "client" ? owner : "c\(client)"])
                }
                texts.append(FleetText(text: text, table: table, id: id, clients: ["c\(client)"], author: name))
            }
        }
        try replica.seal()
        try up(0, isLost: false)
        for index in devices.indices {
            try pack(index)
            while !flights.isEmpty { try deliver(flights.removeFirst()) }
        }
    }

    // MARK: - Bundles that wait at the hub

    private func accept(_ index: Int) throws {
        let (name, replica) = devices[index]
        let path = stage.file("up")
        try replica.pack(to: path)
        guard let answer = try hub.accept([.file(path)]).first else { return }
        stage.tell("the hub accepts a bundle of \(name): \(answer)")
        if revoked.contains(name) { return }
        guard case .accepted = answer else { throw ScriptComplaint("the hub does not accept a bundle: \(answer)") }
    }

    func mergeAccepted() throws {
        let report = try hub.mergeAccepted()
        if report.merged.isEmpty { return }
        stage.tell("the hub merges what it accepted of \(report.merged.map(\.device))")
        try requireTaken(report)
        try shutOutAgain()
    }

    /// What honest devices bring is taken in.
    func requireTaken(_ report: MergeReport) throws {
        for merged in report.merged where !revoked.contains(merged.device) {
            try require(
                report.failures.isEmpty && merged.outcome != .refused && merged.outcome != .failed, "\(report)")
        }
    }

    // MARK: - People

    /// Something of a list, of whoever has something on it.
    private func anybody<T>(_ list: (Replica) throws -> [T]) throws -> (replica: Replica, one: T)? {
        for replica in (devices.map(\.replica) + [hub.replica]).shuffled(using: &random) {
            if let one = try list(replica).randomElement(using: &random) { return (replica, one) }
        }
        return nil
    }

    private func assign() throws {
        guard let (replica, conflict) = try anybody({ try $0.conflicts() }) else { return }
        let name = random.pick(["li", "wang", nil])
        try replica.assign(conflict.id, to: name)
        stage.tell("\(replica.name) gives \(conflict.id) to \(name ?? "nobody")")
    }

    private func decideByRule() throws {
        guard let (replica, _) = try anybody({ try $0.conflicts() }) else { return }
        let open = try replica.conflicts()
        let rule = random.pick([BulkRule.newer, .older, .shown, .device(random.pick(devices.map(\.name) + ["hub"]))])
        var held: [String: [String]] = [:]
        for conflict in open { held[conflict.id] = try self.held(replica, conflict.table, Self.id(conflict.key)) }
        let report: BulkReport
        do {
            report = try replica.resolve(ConflictFilter(table: random.pick(["client", "visit", nil])), by: rule)
        } catch is UsageError {
            return  // no device of that name is known there
        } catch is WouldHide {
            return
        }
        if report.decided.isEmpty { return }
        stage.tell("\(replica.name) decides \(report.decided) by \(rule)")
        for id in report.decided { spend(held[id] ?? []) }
    }

    private func undoDeletion() throws {
        guard let (replica, entry) = try anybody({ try $0.bin() }) else { return }
        do {
            try replica.undo(table: entry.table, key: entry.key)
        } catch is UsageError {
            return
        } catch is WouldHide {
            return
        }
        stage.tell("\(replica.name) takes back the deletion of \(entry.table) \(entry.key.display)")
    }

    private func openForm(_ index: Int) throws {
        let replica = devices[index].replica
        let table = random.pick(["client", "visit"])
        let ids = try replica.read { db in
            try String.fetchAll(db, sql: "SELECT id FROM \(table) ORDER BY id")
        }
        guard let id = ids.randomElement(using: &random),
            let view = try replica.view(table: table, key: RowKey([.text(id)]))
        else { return }
        let texts = view.columns.compactMap { column -> String? in
            guard case .text(let bytes)? = view[column] else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        forms.append(FleetForm(device: index, view: view, table: table, id: id, texts: texts))
        stage.tell("\(devices[index].name) opens \(table) \(id): \(texts)")
    }

    /// What came since the form was opened was not seen: it is kept (INB-9).
    private func saveForm() throws {
        guard !forms.isEmpty else { return }
        let form = forms.remove(at: Int.random(in: 0..<forms.count, using: &random))
        let (name, replica) = devices[form.device]
        let column = form.table == "client" ? "name" : "note"
        let text = "第\(texts.count)号"
        let deletes = random.chance(15)
        let outcome: EditOutcome
        do {
            outcome = try replica.edit(basedOn: form.view) { edit in
                if deletes { edit.delete() } else { edit[column] = .text(text) }
            }
        } catch let error where error is UsageError || error is WouldHide {
            return stage.tell("\(name) cannot save \(form.table) \(form.id): \(error)")
        }
        stage.tell(
            "\(name) saves \(form.table) \(form.id), opened with \(form.texts), \(deletes ? "deleting" : text): \(outcome)"
        )
        try replica.seal()
        if outcome == .unchanged { return }
        spend(form.texts)
        if deletes { return }
        let clients =
            form.table == "client"
            ? [form.id] : try clients(replica, ofVisit: form.id) + form.texts.filter { $0.hasPrefix("c") }
        texts.append(FleetText(text: text, table: form.table, id: form.id, clients: Set(clients), author: name))
    }

    private func lookAtUnseen() throws {
        guard let (replica, overwrite) = try anybody({ try $0.unseen() }) else { return }
        if random.chance(50) {
            try replica.acknowledgeUnseen(overwrite.id)
            return stage.tell("\(replica.name) has seen \(overwrite.id)")
        }
        let held = try held(replica, overwrite.table, Self.id(overwrite.key))
        do {
            try replica.takeBackUnseen(overwrite.id)
        } catch is UsageError {
            return
        } catch is WouldHide {
            return
        }
        spend(held)
        stage.tell("\(replica.name) takes back \(overwrite.id)")
    }

    // MARK: - The operator

    private func letIn() throws {
        guard let change = try hub.outsideChanges().randomElement(using: &random) else { return }
        do {
            try hub.acceptSetAside(table: change.table, key: change.key)
        } catch is UsageError {
            return
        }
        stage.tell("the hub lets in what \(change.device) wrote to \(change.table) \(change.key.display)")
    }

    private func release() throws {
        guard let entry = try hub.quarantine().changesets.randomElement(using: &random) else { return }
        try hub.release([entry.dot.description])
        stage.tell("the hub releases \(entry.dot) of \(entry.device)")
    }

    /// From here on an operator gives up more often what has not come yet.
    private static let withGivingUp: UInt64 = 12_300_001

    private func declareLost() throws {
        guard let awaited = try hub.awaited().randomElement(using: &random) else { return }
        let count = try hub.declareLost([awaited.changeset])
        stage.tell("\(awaited.changeset) is declared lost: \(count) wait no more")
    }

    // MARK: - Files copied and put back

    private func liveTwice(_ index: Int) throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: try save(index)
        case 4..<8: if let saved = saves.keys.sorted().randomElement(using: &random) { try putBack(saved) }
        default: try copy(index)
        }
    }

    private func save(_ index: Int) throws {
        let saved = stage.file("saved")
        try devices[index].replica.seal()
        try ReplicaFiles.copy(from: devices[index].replica.path, to: saved)
        saves[index] = (saved, texts.count)
        stage.tell("\(devices[index].name)'s file is saved")
    }

    /// What was only in the file that it replaces is gone with that.
    private func putBack(_ index: Int) throws {
        guard let (saved, count) = saves[index] else { return }
        let (name, replica) = devices[index]
        try replica.close()
        try ReplicaFiles.replace(replica.path, with: saved)
        devices[index].replica = try open(replica.path)
        forms.removeAll { $0.device == index }
        for place in texts.indices where place >= count && texts[place].author == name { texts[place].isSpent = true }
        stage.tell("\(name)'s file is put back")
    }

    private func copy(_ index: Int) throws {
        guard devices.count < 6 else { return }
        let path = stage.file("copy")
        try devices[index].replica.seal()
        try ReplicaFiles.copy(from: devices[index].replica.path, to: path)
        devices.append((devices[index].name, try open(path)))
        stage.tell("\(devices[index].name)'s file is copied")
    }

    private func open(_ path: String) throws -> Replica {
        try stage.open(URL(fileURLWithPath: path).lastPathComponent)
    }

    private static func id(_ key: RowKey) -> String {
        guard case .text(let bytes)? = key.values.first else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
