internal import Foundation
internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelWire

/// Who meets whom by a stick, and what must be so after each visit.
extension FoldersScript {
    @discardableResult
    func visit(_ index: Int, _ stick: String) throws -> SyncReport {
        try seal(index)
        let (file, replica) = (tablets[index].file, tablets[index].replica)
        let before = try contents(stick)
        let report = try replica.sync(folder: stage.path(stick))
        let after = try contents(stick)
        let outcome = report.received.map { "takes a reply (\($0.outcome))" } ?? (report.refused ?? "finds no reply")
        let sent = report.sent.map { "leaves \($0.changesets) changesets" } ?? "leaves nothing"
        stage.tell(
            "\(file) visits \(stick), \(outcome), \(sent)\(report.notes.isEmpty ? "" : "; \(noted(report.notes))")")
        try requireForeignStays(before, after, "\(file) at \(stick)")
        // EXC-47: what lay there for the hub lies there still, or is here.
        let kept = try kept(replica)
        let gone = carried(before).subtracting(carried(after)).subtracting(tablets[index].known.holds)
        try require(
            gone.isSubset(of: kept), "\(file) takes \(gone.subtracting(kept).sorted()) off \(stick), unread (EXC-47)")
        tablets[index].known.holds.formUnion(kept)
        if report.received?.outcome == .applied, let path = report.receivedFrom {
            guard let digest = before.files[within(stick, path)], let reply = bundles[digest] else {
                throw ScriptComplaint("\(file) takes \(path), which no hub made")
            }
            tablets[index].known.holds.formUnion(reply.carries)
            tablets[index].known.life = reply.life
        }
        try seal(index)
        if let path = report.sentTo {
            guard let digest = after.files[within(stick, path)] else {
                throw ScriptComplaint("\(file) says that it left \(path), and nothing lies there")
            }
            bundles[digest] = try bundle(of: index, path)
        }
        try requireKeptForReason(after, stick)
        try judgeStatus(index)
        return report
    }

    @discardableResult
    func hubVisits(_ stick: String) throws -> MergeReport {
        try sealAtHub()
        let before = try contents(stick)
        let report = try hub.sync(folder: stage.path(stick))
        let after = try contents(stick)
        let merged = report.merged.map { "\(within(stick, $0.path)) (\($0.outcome))" }
        stage.tell(
            "the hub visits \(stick), merges \(merged), replies to \(report.replies.map(\.device))"
                + (report.notes.isEmpty ? "" : "; \(noted(report.notes))"))
        try require(report.failures.isEmpty, "the hub at \(stick): \(report.failures)")
        try requireForeignStays(before, after, "the hub at \(stick)")
        for (path, digest) in before.forHub {
            try require(after.files[path] == digest, "the hub at \(stick) touches \(path), which is for it")
        }
        for merged in report.merged {
            let isOurs = before.files[within(stick, merged.path)].map { bundles[$0] != nil } ?? false
            let isRefused = merged.outcome == .refused || merged.outcome == .failed
            try require(isRefused != isOurs, "the hub at \(stick): \(merged)")
        }
        hubKnown.holds.formUnion(carried(before))
        try sealAtHub()
        try judgeSeen(before.forHub.map(\.digest))
        let replied = try repliesCarry()
        for reply in report.replies {
            guard let digest = after.files[within(stick, reply.path)] else {
                throw ScriptComplaint("the hub says that it left \(reply.path), and nothing lies there")
            }
            bundles[digest] = FolderBundle(maker: "", carries: replied, handsIn: false, life: hubKnown.life)
        }
        return report
    }

    /// Somebody comes to the hub themselves: sticks are not the only road.
    func meetByHand(_ index: Int) throws {
        try seal(index)
        let (name, file) = (tablets[index].name, tablets[index].file)
        let (up, down) = (stage.file("up"), stage.file("down"))
        try tablets[index].replica.pack(to: up)
        let made = try bundle(of: index, up)
        let digest = sha256(try Data(contentsOf: URL(fileURLWithPath: up)))
        bundles[digest] = made
        let merged = try stage.bring(up, to: hub).merged[0]
        try require(merged.outcome != .refused && merged.outcome != .failed, "\(merged)")
        hubKnown.holds.formUnion(made.carries)
        try sealAtHub()
        try judgeSeen([digest])
        try hub.pack(for: name, to: down)
        let replied = try repliesCarry()
        let outcome = Result { try tablets[index].replica.apply(down).outcome }
        stage.tell("\(file) comes to the hub itself: \(merged.outcome), \(outcome)")
        if case .success(.applied) = outcome {
            tablets[index].known.holds.formUnion(replied)
            tablets[index].known.life = hubKnown.life
        }
        try seal(index)
        try judgeStatus(index)
    }

    /// What waits at the hub is in no reply.
    private func repliesCarry() throws -> Set<Dot> {
        hubKnown.holds.subtracting(try hub.replica.status().parked.map(\.dot))
    }

    /// What a device left just now, read as anybody may.
    private func bundle(of index: Int, _ path: String) throws -> FolderBundle {
        var carries: Set<Dot> = []
        var handsIn = false
        let read = try UnverifiedBundle(path: path).verify { _, certificate in certificate.deviceKey }
        try read.forEach { item in
            switch item {
            case .changeset(let changeset): carries.insert(changeset.dot)
            case .handIn: handsIn = true
            default: break
            }
        }
        if handsIn { carries.formUnion(tablets[index].known.holds) }
        return FolderBundle(maker: tablets[index].name, carries: carries, handsIn: handsIn, life: 0)
    }

    private func within(_ stick: String, _ path: String) -> String {
        String(path.dropFirst(stage.path(stick).count + 1))
    }

    /// What people are told, without the folders of this machine.
    private func noted(_ notes: [String]) -> String {
        notes.map { $0.replacingOccurrences(of: stage.directory + "/", with: "") }.joined(separator: "; ")
    }

    // MARK: - Judges of a visit

    /// EXC-47: of this data set nothing lies there for the hub but each device's bundle, and rows that only the hub takes in.
    private func requireKeptForReason(_ contents: StickContents, _ stick: String) throws {
        for (path, digest) in contents.forHub {
            guard let bundle = bundles[digest], !bundle.handsIn else { continue }
            let parts = path.split(separator: "/").last?.split(separator: ".") ?? []
            // NAME.satchel or NAME.DATASET.satchel, and no mark of a bundle.
            let isOwn = parts.first.map { $0 == bundle.maker } ?? false
            let mark = parts.count == 3 ? String(parts[1]) : ""
            let dataSet = String(hub.replica.withEngine { $0.dataSet }.bytes.hex.prefix(8))
            try require(
                isOwn && (parts.count == 2 || mark == dataSet),
                "\(path) on \(stick) could be carried on, and is kept beside (EXC-47)")
        }
    }

    /// P14: whoever is told that all is at the hub has nothing that is not. What a hub that was put back lacks its devices
    /// hear of from it alone.
    private func judgeStatus(_ index: Int) throws {
        let tablet = tablets[index]
        guard try tablet.replica.status().isAllAtHub else { return }
        let own = tablet.known.holds.filter { tablet.known.lines.contains($0.origin) }
        let there = tablet.known.life == hubKnown.life ? hubKnown.holds : everAtHub
        try require(
            own.isSubset(of: there),
            "\(tablet.file) says that all is at the hub, and \(own.subtracting(there).sorted()) is not (P14)")
    }

    /// EXC-49: a device is seen, and live again, when it came with a bundle that is new, and by nothing else. The hub
    /// remembers sixteen of each.
    private func judgeSeen(_ lying: [Hash256]) throws {
        for device in try hub.devices() {
            let known = hubKnown.came[device.name] ?? []
            let all = Set(lying.filter { bundles[$0]?.maker == device.name })
            let isNew = !all.isSubset(of: known)
            hubKnown.came[device.name] = known.union(all)
            if isNew { hubKnown.retired.remove(device.name) }
            if !isNew && known.count > 16 {
                if device.retired == nil { hubKnown.retired.remove(device.name) }
                continue
            }
            try require(
                (device.retired != nil) == hubKnown.retired.contains(device.name),
                "\(device.name) is given up, or is not: it says \(device.retired as Any) (EXC-49)")
            if isSettling { continue }  // the time stands still
            let isSeen = device.lastSeen == stage.clock.now()
            try require(isSeen == isNew, "\(device.name) is \(isSeen ? "" : "not ")seen by what lies there (EXC-49)")
        }
    }
}
