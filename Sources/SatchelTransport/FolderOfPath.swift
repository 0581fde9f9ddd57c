extension String {
    /// The folder that a path lies in; empty for a name alone. Foundation's own stops the program at a path of one letter.
    package var folderOfPath: String {
        let slash = UInt8(ascii: "/")
        var bytes = Array(utf8)
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        guard let last = bytes.lastIndex(of: slash) else { return "" }
        bytes.removeSubrange(last...)
        while bytes.last == slash { bytes.removeLast() }
        return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }
}
