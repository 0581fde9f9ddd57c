internal import Foundation
package import SatchelModel
package import SatchelTransport
package import SatchelWire

/// A shared folder as one data set uses it: what lies where, as far as a look at the header says, for which nobody vouches.
///
/// What may be the only copy of somebody's work is neither replaced nor removed by it, but moved aside (EXC-48).
package struct SharedFolder: Sendable {
    private let folder: DropFolder
    private let dataSet: Hash256

    package init(_ root: String, dataSet: Hash256) throws {
        folder = try DropFolder(root)
        self.dataSet = dataSet
    }

    /// What lies at a path.
    package enum Content {
        /// Nothing, or a file without a byte.
        case nothing
        /// A bundle of this data set.
        case bundle(BundleHeader, certificate: [UInt8], bytes: Int)
        case ofAnotherDataSet
        /// Perhaps a bundle: a newer program's, or one that the system does not let be read. Why, in a sentence.
        case unreadable(String)
        /// Zeros, or half a header.
        case noBundle
        /// A folder, a link.
        case noFile
    }

    package func look(_ path: String) -> Content {
        switch DropFolder.lying(at: path) {
        case nil, .file(bytes: 0): return .nothing
        case .other: return .noFile
        case .file(let bytes):
            do {
                let (header, certificate) = try UnverifiedBundle(path: path).peek()
                if header.dataSet != dataSet { return .ofAnotherDataSet }
                return .bundle(header, certificate: certificate, bytes: bytes)
            } catch .damaged, .incomplete {
                return .noBundle
            } catch {
                return .unreadable(error.sentence)
            }
        }
    }

    /// The file of a device.
    package struct Place {
        package let path: String
        package let content: Content
        /// What lies where it would lie otherwise, and is left alone: a sentence.
        package var note: String?
        fileprivate let device: String
    }

    /// No device's name has a dot in it, so that this is never another device's file.
    private func nameBesideAnother(_ device: String) -> String { "\(device).\(dataSet.bytes.hex.prefix(8))" }

    /// Where the bundle of a device lies, or would lie. Where a bundle of another data set has the name, or what is no file,
    /// the file bears this data set's too, from then on: two data sets may share a stick, and each may have a device of one
    /// name.
    ///
    /// - Parameter sparing: what cannot be read is left alone too: it may be a newer program's, of another data set.
    package func place(
        _ direction: DropFolder.Direction, device: String, sparing: Bool = false
    ) throws -> Place {
        let folder = try folder.folder(direction)
        let path = "\(folder)/\(device)\(DropFolder.ending)"
        let own = "\(folder)/\(nameBesideAnother(device))\(DropFolder.ending)"
        var note: String?
        if DropFolder.lying(at: own) == nil {
            let content = look(path)
            switch content {
            case .ofAnotherDataSet, .noFile: note = leftAlone(path, content)
            case .unreadable where sparing: note = leftAlone(path, content)
            case .nothing, .bundle, .unreadable, .noBundle: return Place(path: path, content: content, device: device)
            }
        }
        let content = look(own)
        if case .ofAnotherDataSet = content {
            throw TransportError("\(path) and \(own) are of another data set; take another folder for this one")
        }
        return Place(path: own, content: content, note: note, device: device)
    }

    /// A sentence for people.
    package func leftAlone(_ path: String, _ content: Content) -> String {
        switch content {
        case .ofAnotherDataSet: "\(path) belongs to another data set, and was left alone"
        case .unreadable(let reason): "\(path) cannot be read (\(reason)), and was left alone"
        case .nothing, .bundle, .noBundle, .noFile: "\(path) is no file, and was left alone"
        }
    }

    /// Whether a file lies where a device leaves its own.
    package func isOwnPlace(_ path: String, of device: String) -> Bool {
        let file = (path as NSString).lastPathComponent
        return file == device + DropFolder.ending || file == nameBesideAnother(device) + DropFolder.ending
    }

    /// Whatever lies there for the hub and is called like a bundle.
    package func bundlesForHub() throws -> [String] { try folder.bundles(.toHub) }

    /// Takes away a bundle of this data set. Anything else stays.
    package func removeBundle(_ place: Place) throws {
        if case .bundle = place.content { try DropFolder.remove(place.path) }
    }

    /// Gives what is no bundle a name under which nobody looks for one. Returns a sentence about it.
    package func setAside(_ place: Place) throws -> String {
        let file = (place.path as NSString).lastPathComponent
        let name = try DropFolder.rename(place.path, to: (1...10_000).lazy.map { "\(file).damaged-\($0)" })
        return "\(place.path) was no bundle; nothing of it was taken, and it is called \(name) now"
    }

    /// Gives a bundle another name under which the hub still reads it. Returns a sentence about it.
    package func keepForHub(_ place: Place, because reason: String) throws -> String {
        var mark = Engine.randomBytes(4).hex
        if case .bundle(let header, _, _) = place.content { mark = String(header.bundle.bytes.hex.prefix(8)) }
        let endings = [""] + (2...10_000).map { "-\($0)" }
        let name = try DropFolder.rename(
            place.path, to: endings.lazy.map { "\(place.device).\(mark)\($0)\(DropFolder.ending)" })
        return "\(place.path) was another bundle (\(reason)); it is kept for the hub as \(name)"
    }

    // MARK: What is left of programs that were killed

    /// Two days.
    private static let patience = 172_800.0

    /// Takes away what programs left half-written that were killed. One that is whole may be the only copy of somebody's work:
    /// the hub reads it then (EXC-52). What cannot be cleaned up stays. Returns a sentence for each that was whole.
    package func cleanUp() -> [String] {
        var notes: [String] = []
        for direction in [DropFolder.Direction.toHub, .toDevice] {
            for path in folder.unfinished(direction, untouchedFor: Self.patience) {
                let content = look(path)
                switch content {
                case .bundle where isWhole(path):
                    let file = (path as NSString).lastPathComponent
                    let device = file.components(separatedBy: DropFolder.ending)[0]
                    // What the hub was writing for a device it can write again.
                    if direction == .toHub,
                        let note = try? keepForHub(
                            Place(path: path, content: content, device: device), because: "its writer was stopped")
                    {
                        notes.append(note)
                    }
                case .nothing, .bundle, .noBundle: try? DropFolder.remove(path)
                case .ofAnotherDataSet, .unreadable, .noFile: continue
                }
            }
        }
        return notes
    }

    private func isWhole(_ path: String) -> Bool {
        (try? UnverifiedBundle(path: path).verify { _, certificate in certificate.deviceKey }) != nil
    }
}
