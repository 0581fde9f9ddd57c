internal import Foundation
internal import Satchel
internal import SatchelModel
internal import SatchelWire

/// Sticks, and what happens to them.
extension FoldersScript {
    /// What lies on a stick: by its path there, the digest of each file.
    struct StickContents {
        var files: [String: Hash256] = [:]

        /// What lies there for the hub and is called so that the hub reads it.
        var forHub: [(path: String, digest: Hash256)] {
            files.filter { path, _ in
                let parts = path.split(separator: "/")
                return path.hasPrefix("satchel/to-hub/") && parts.count == 3 && path.hasSuffix(".satchel")
                    && parts.last?.hasPrefix(".") == false
            }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }

    func contents(_ stick: String) throws -> StickContents {
        var contents = StickContents()
        let root = stage.path(stick)
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory),
                !isDirectory.boolValue
            else { continue }
            contents.files[path] = sha256(try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)")))
        }
        return contents
    }

    /// The work that lies on a stick, whole, where the hub will read it.
    func carried(_ contents: StickContents) -> Set<Dot> {
        contents.forHub.reduce(into: []) { $0.formUnion(bundles[$1.digest]?.carries ?? []) }
    }

    /// Whatever lies on a stick and is no bundle of this data set: how often each.
    private func foreign(_ contents: StickContents) -> [Hash256: Int] {
        contents.files.values.filter { bundles[$0] == nil && !broken.contains($0) && $0 != sha256([]) }
            .reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// EXC-48: nothing but a bundle of this data set is taken away, by whoever visits.
    func requireForeignStays(
        _ before: StickContents, _ after: StickContents, _ who: @autoclosure () -> String
    ) throws {
        let left = foreign(after)
        for (digest, count) in foreign(before) where left[digest, default: 0] < count {
            let paths = before.files.filter { $0.value == digest }.map(\.key).sorted()
            throw ScriptComplaint("\(who()) takes away what is not this data set's: \(paths) (EXC-48)")
        }
    }

    // MARK: - Lost, copied, put back

    func makeEmpty(_ stick: String) throws {
        try? FileManager.default.removeItem(atPath: stage.path(stick))
        try FileManager.default.createDirectory(atPath: stage.path(stick), withIntermediateDirectories: true)
    }

    func lose(_ stick: String) throws {
        try makeEmpty(stick)
        stage.tell("\(stick) is lost, and there is an empty one")
    }

    func copyStick(_ stick: String, to other: String) throws {
        guard stick != other else { return }
        try replaceStick(other, with: stick)
        stage.tell("\(stick) is copied to \(other), in the place of what was there")
    }

    func saveStick(_ stick: String) throws {
        try replaceStick("\(stick).saved", with: stick)
        stage.tell("\(stick) is backed up")
    }

    func putBackStick(_ stick: String) throws {
        guard FileManager.default.fileExists(atPath: stage.path("\(stick).saved")) else { return }
        try replaceStick(stick, with: "\(stick).saved")
        stage.tell("\(stick) is put back")
    }

    private func replaceStick(_ stick: String, with other: String) throws {
        try? FileManager.default.removeItem(atPath: stage.path(stick))
        try FileManager.default.copyItem(atPath: stage.path(other), toPath: stage.path(stick))
    }

    // MARK: - Damage

    /// Something befalls what lies in a place of a device, or something else comes to lie there.
    func spoil(_ stick: String) throws {
        let name = random.pick(tablets.map(\.name))
        let isUp = random.chance(60)
        let folder = "\(stage.path(stick))/satchel/\(isUp ? "to-hub" : "to-device")"
        let path = "\(folder)/\(name).satchel"
        let act = Int.random(in: 0..<12, using: &random)
        let place = random.next()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var isDirectory: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if isDirectory.boolValue { return }
        let whole = isThere ? try Data(contentsOf: URL(fileURLWithPath: path)) : Data()
        let what: String
        switch act {
        case 0..<6:
            guard !whole.isEmpty else { return }
            var rest = whole
            switch act {
            case 0: (rest, what) = (Data(count: whole.count), "zeros")
            case 1: (rest, what) = (whole.prefix(whole.count / 2), "cut in half")
            case 2: (rest, what) = (whole.prefix(30), "cut within its header")
            case 3: (rest, what) = (Data(), "empty")
            case 4: (rest, what) = (whole.dropLast(1), "short of a byte")
            default:
                rest[Int(place % UInt64(whole.count))] ^= 1 << UInt8(place >> 40 & 7)
                what = "changed in a bit"
            }
            try rest.write(to: URL(fileURLWithPath: path))
            // Its header may be whole: it is a bundle of this data set then.
            if act != 0 && act != 2 { broken.insert(sha256(rest)) }
        case 6, 7:
            what = "junk"
            try Data("notes of \(name), \(place % 3)".utf8).write(to: URL(fileURLWithPath: path))
        case 8:
            what = "a folder with photographs"
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data("photographs \(place % 3)".utf8).write(to: URL(fileURLWithPath: "\(path)/photo"))
        case 9, 10:
            what = "a bundle of another data set"
            let strangers = try strangersBundles()
            try (isUp ? strangers.up : strangers.down).write(to: URL(fileURLWithPath: path))
        default:
            // What a visit leaves when the power goes.
            what = "beside half a bundle"
            try Data("half \(place % 3)".utf8).write(to: URL(fileURLWithPath: "\(path).part-\(place % 3)"))
            try Data("half \(place % 3)".utf8).write(to: URL(fileURLWithPath: "\(folder)/.\(name).satchel"))
        }
        stage.tell("\(isUp ? "to-hub" : "to-device")/\(name).satchel on \(stick) is \(what)")
    }
}
