import Foundation

/// Reads NAME.csv, or NAME.csv.gz through gzip.
enum DataFile {
    /// Nil if the folder has neither.
    static func table(_ name: String, in folder: String) throws -> CSVTable? {
        let plain = URL(fileURLWithPath: folder).appendingPathComponent("\(name).csv")
        if FileManager.default.fileExists(atPath: plain.path) {
            return try CSVTable(name: plain.lastPathComponent, bytes: Array(Data(contentsOf: plain)))
        }
        let packed = plain.appendingPathExtension("gz")
        guard FileManager.default.fileExists(atPath: packed.path) else { return nil }
        return try CSVTable(name: packed.lastPathComponent, bytes: inflated(packed))
    }

    private static func inflated(_ file: URL) throws -> [UInt8] {
        guard let gzip = ["/usr/bin/gzip", "/bin/gzip"].first(where: FileManager.default.isExecutableFile) else {
            throw DataError("\(file.lastPathComponent) is compressed and there is no gzip; unpack it first")
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: gzip)
        process.arguments = ["-dc", file.path]
        process.standardOutput = output
        try process.run()
        let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw DataError("gzip cannot read \(file.lastPathComponent)") }
        return bytes
    }
}
