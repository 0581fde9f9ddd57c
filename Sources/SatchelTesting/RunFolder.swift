internal import CFaultyDisk
internal import Foundation

/// A folder in which runs have theirs, one after another; it goes when nobody needs it any more.
final class RunFolder {
    private let path: String
    private var runs = 0

    /// - Parameter place: in which folder; nil: memory where the machine has a folder of it, else the folder for
    ///   temporary files.
    init(in place: String?) throws {
        let memory = "/dev/shm"
        let usual = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        let prefix = (place ?? usual) + "/satchel-worlds-"
        path = prefix + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FaultyDisk.install()
        faulty_calm(prefix)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path at which nothing is, and at which the caller may make something.
    subscript(name: String) -> String { "\(path)/\(name)" }

    /// Gives `body` an empty folder, and removes it afterwards.
    func run<T>(_ body: (String) throws -> T) throws -> T {
        runs += 1
        let place = self["\(runs)"]
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        return try body(place)
    }
}
