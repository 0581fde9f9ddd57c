import Foundation

/// The resident memory of this process, as Linux tells it: proc(5), `clear_refs` and `status`. Elsewhere nil.
enum Memory {
    /// Gives back what is free, lets the peak start anew, and returns the mebibytes held now.
    static func restartPeak() -> Double? {
        giveBackWhatIsFree()
        guard let file = fopen("/proc/self/clear_refs", "w") else { return nil }
        defer { fclose(file) }
        guard fputs("5", file) >= 0, fflush(file) == 0 else { return nil }
        return field("VmRSS:")
    }

    /// The most mebibytes held since.
    static func peak() -> Double? { field("VmHWM:") }

    /// malloc_trim(3), which is glibc's own and in no module that Swift imports.
    private static func giveBackWhatIsFree() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> CInt
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }

    private static func field(_ name: String) -> Double? {
        guard let file = fopen("/proc/self/status", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard line.hasPrefix(name) else { continue }
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
        }
        return nil
    }
}
