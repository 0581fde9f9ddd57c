internal import SatchelModel
internal import SatchelStore
internal import SatchelTransport
internal import SatchelWire

/// What one visit to a shared folder did.
public struct SyncReport: Sendable {
    /// What became of the hub's bundle; nil: there was none.
    public var received: ApplyReport?
    /// Where that lay.
    public var receivedFrom: String?
    /// Why the hub's bundle was refused; nil: it was not.
    public var refused: String?
    /// What to do about that, where it is more than to ask the hub for another.
    public var refusedHint: String?
    /// What was left there for the hub; nil: there was nothing new to say, and what was left there last still lies there.
    public var sent: PackReport?
    /// Where it was left.
    public var sentTo: String?
    /// Rows that are held aside now and were not before, by what was written here, or by another copy of this replica; those that
    /// the hub's bundle put aside are in `received`.
    public var setAside = 0
    /// What else was found in the folder, and what became of it, and what is too large to leave here: a sentence each, for
    /// people.
    public var notes: [String] = []
}

extension Replica {
    /// Meets the hub at a folder or a USB stick: takes what lies there for this device, leaves what the hub lacks.
    ///
    /// This device's bundle stays there, whatever the hub has: a hub that is put back reads it again, and a device that is
    /// put back sees by it that it was further once (EXC-46). What another copy of this device left is taken in before it is
    /// replaced (EXC-47).
    @discardableResult
    public func sync(folder root: String) throws -> SyncReport {
        let folder = try SharedFolder(root, dataSet: withEngine { $0.dataSet })
        var meeting = Meeting()
        meeting.report.setAside = try withEngine { engine in
            try engine.transaction { try engine.sealCountingAside() }
        }
        // What cannot be read or written there keeps nobody from what the hub has for them (EXC-51).
        do {
            if let note = try takeOver(folder, &meeting).note { meeting.report.notes.append(note) }
        } catch let error as TransportError {
            meeting.report.notes.append(error.description)
        }
        try receive(folder, &meeting)
        // Another copy may have met the folder since: it is looked at as late as can be.
        let place = try takeOver(folder, &meeting)
        try leave(place, &meeting)
        meeting.report.notes += folder.cleanUp()
        let tooLarge = try withEngine { engine in try engine.reading { try engine.tooLarge() } }
        meeting.report.notes += tooLarge.map(\.sentence)
        return meeting.report
    }

    private struct Meeting {
        var report = SyncReport()
        /// The bundle that lay in the place of this replica's own and is taken in.
        var takenOver: OriginID?
        /// Where its maker stood.
        var other: Standing?
        /// The hub's bundle that lies there.
        var reply: OriginID?
    }

    private func receive(_ folder: SharedFolder, _ meeting: inout Meeting) throws {
        let place = try folder.place(.toDevice, device: name)
        if let note = place.note { meeting.report.notes.append(note) }
        switch place.content {
        case .nothing, .ofAnotherDataSet: return
        case .noBundle, .noFile: return meeting.report.notes.append(try folder.setAside(place))
        case .bundle(let header, _, _): meeting.reply = header.bundle
        case .unreadable: break
        }
        meeting.report.receivedFrom = place.path
        do {
            meeting.report.received = try apply(place.path)
        } catch let refused as RefusedBundle {
            meeting.report.refused = refused.description
            if refused.isOfThisDevice { meeting.report.refusedHint = refused.hint }
        } catch let error as WireError {
            meeting.report.refused = error.sentence
        }
    }

    /// Takes in what lies in the place of this replica's own bundle and is not its own. What cannot all be carried on from
    /// here is moved aside, for the hub to read. Returns the place, for this replica's own bundle now.
    private func takeOver(_ folder: SharedFolder, _ meeting: inout Meeting) throws -> SharedFolder.Place {
        let place = try folder.place(.toHub, device: name)
        switch place.content {
        case .nothing, .ofAnotherDataSet: return place
        case .bundle where withEngine({ $0.planted == .leftIsNotRead }): return place
        case .noBundle, .noFile: meeting.report.notes.append(try folder.setAside(place))
        case .unreadable(let reason):
            meeting.report.notes.append(try folder.keepForHub(place, because: reason))
        case .bundle(let header, let certificate, _):
            if try header.bundle == meeting.takenOver || withEngine({ try $0.leftBundles().contains(header.bundle) }) {
                return place
            }
            if let reason = try takeOver(place.path, header, certificate, &meeting) {
                meeting.report.notes.append(try folder.keepForHub(place, because: reason))
            } else {
                return place
            }
        }
        return try folder.place(.toHub, device: name)
    }

    /// Nil: all of it is carried on from here. Otherwise why not, in a few words.
    private func takeOver(
        _ path: String, _ header: BundleHeader, _ certificate: [UInt8], _ meeting: inout Meeting
    ) throws -> String? {
        let token = withEngine { $0.certificate.grant?.tokenKey }
        let theirs = (try? Certificate(decoding: certificate))?.grant?.tokenKey
        guard header.kind == .up, theirs == token else { return "it is not one of \(name)" }
        do {
            let taken = try withEngine { try $0.takeOver(path) }
            meeting.takenOver = header.bundle
            meeting.report.setAside += taken.setAside
            meeting.other = taken.standing
            return taken.isCarriedOn ? nil : "not all of it can be carried on from here"
        } catch let refused as RefusedBundle {
            return refused.description
        } catch let error as WireError {
            return error.sentence
        }
    }

    private func leave(_ place: SharedFolder.Place, _ meeting: inout Meeting) throws {
        try withEngine { engine in
            let asked = try engine.asksForAnother(meeting.other, reply: meeting.reply)
            if case .bundle(let header, _, let bytes) = place.content, asked == nil,
                try engine.isLastLeft(header.bundle, bytes: bytes), engine.isOfToday(header.made),
                try engine.reading({ try engine.hasNothingForHub() && engine.standsAsTold() })
            {
                return
            }
            let sent = try engine.packUp(to: place.path, asking: asked)
            try engine.noteLeft(sent, asked: asked, reply: meeting.reply)
            meeting.report.sent = sent
            meeting.report.sentTo = place.path
        }
    }
}
