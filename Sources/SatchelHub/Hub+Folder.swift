internal import Satchel
internal import SatchelStore
internal import SatchelTransport
internal import SatchelWire

/// A hub at a shared folder or a USB stick.
extension Hub {
    /// Meets the devices at a folder: merges what lies there for the hub, leaves what each device lacks.
    ///
    /// What it has taken already it passes over after a look at the header (EXC-49): every device's last bundle stays there.
    @discardableResult
    public func sync(folder root: String) throws -> MergeReport {
        let folder = try SharedFolder(root, dataSet: replica.withEngine { $0.dataSet })
        // What is whole of it is read at once.
        var notes = folder.cleanUp()
        var report = try merge(news(in: folder, &notes))
        report.notes = notes
        noteTaken(folder, &report)
        notes = []
        reply(into: &report) { device in
            let place = try folder.place(.toDevice, device: device.name, sparing: true)
            if let note = place.note { notes.append(note) }
            switch place.content {
            case .noBundle, .noFile, .unreadable: notes.append(try folder.setAside(place))
            case .nothing, .bundle, .ofAnotherDataSet: break
            }
            // Whoever is shut out gets nothing more, not even what was left before (EXC-50).
            let isShutOut = try isRevoked(device)
            guard try lacksSomething(device), !isShutOut else {
                // Whoever was given up may come back to what was left for them.
                if isShutOut || device.retired == nil { try folder.removeBundle(place) }
                return nil
            }
            return place.path
        }
        report.notes += notes
        return report
    }

    /// What lies there for the hub and was not taken yet.
    private func news(in folder: SharedFolder, _ notes: inout [String]) throws -> [String] {
        let paths = try folder.bundlesForHub()
        return try replica.withEngine { engine in
            try engine.reading {
                let registry = Registry(engine.store)
                return try paths.filter { path in
                    let content = folder.look(path)
                    switch content {
                    case .ofAnotherDataSet, .noFile:
                        notes.append(folder.leftAlone(path, content))
                        return false
                    case .bundle(let header, let certificate, _):
                        // Whoever forges this keeps one file out that they could have taken away.
                        guard let grant = try? Certificate(decoding: certificate).grant else { return true }
                        return try !registry.hasTaken(header.bundle.bytes, of: grant.name)
                    // Merging says what is wrong with it.
                    case .nothing, .unreadable, .noBundle: return true
                    }
                }
            }
        }
    }

    /// Of a device the last bundle is remembered. What lies beside that under another name would be taken by turns with it.
    private func noteTaken(_ folder: SharedFolder, _ report: inout MergeReport) {
        let beside = report.merged.filter { $0.isWhole && !folder.isOwnPlace($0.path, of: $0.device) }
        if beside.isEmpty { return }
        do {
            try replica.withEngine { engine in
                try engine.transaction {
                    for merged in beside { try Registry(engine.store).note(merged.device, taken: merged.bundle) }
                }
            }
        } catch {
            report.failures.append(Complaint(error))
        }
    }
}
