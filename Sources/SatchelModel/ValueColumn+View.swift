/// Columns as the memory that they lie in, for loops over many rows: no array is touched for a value.
extension ValueColumn {
    /// One column, good only inside the closure that it was handed to.
    public struct View {
        public let kinds: UnsafeBufferPointer<Kind>
        public let words: UnsafeBufferPointer<UInt64>
        public let bytes: UnsafeRawBufferPointer

        public func integer(_ row: Int) -> Int64 { Int64(bitPattern: words[row]) }
        public func real(_ row: Int) -> Double { Double(bitPattern: words[row]) }

        /// The bytes of a text or blob.
        public func slice(_ row: Int) -> UnsafeRawBufferPointer {
            let start = Int(words[row] >> 32)
            return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(words[row] & 0xFFFF_FFFF))])
        }

        /// Of a text or blob; numbers and NULL count nothing.
        public func byteCount(_ row: Int) -> Int {
            switch kinds[row] {
            case .null, .integer, .real: 0
            case .text, .blob: Int(words[row] & 0xFFFF_FFFF)
            }
        }

        /// As `Value.appendCanonical`.
        public func appendCanonical(_ row: Int, to form: inout [UInt8]) {
            switch kinds[row] {
            case .null: form.append(canonical: .null)
            case .integer, .real: form.append(canonical: kinds[row], words[row])
            case .text, .blob: form.append(canonical: kinds[row], slice(row))
            }
        }

        /// Whether the value of one row sorts before that of another: by type, then bits or bytes. An order, no more.
        func compare(_ a: Int, _ b: Int) -> Int {
            guard kinds[a] == kinds[b] else { return kinds[a].rawValue < kinds[b].rawValue ? -1 : 1 }
            switch kinds[a] {
            case .null: return 0
            case .integer, .real: return words[a] == words[b] ? 0 : words[a] < words[b] ? -1 : 1
            case .text, .blob:
                let (left, right) = (slice(a), slice(b))
                for place in 0..<min(left.count, right.count) where left[place] != right[place] {
                    return left[place] < right[place] ? -1 : 1
                }
                return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
            }
        }
    }

    private func withView<T>(_ body: (View) throws -> T) rethrows -> T {
        try kinds.withUnsafeBufferPointer { kinds in
            try words.withUnsafeBufferPointer { words in
                try bytes.withUnsafeBytes { try body(View(kinds: kinds, words: words, bytes: $0)) }
            }
        }
    }

    /// All of `columns` at once, in their order.
    public static func withViews<T>(_ columns: [ValueColumn], _ body: ([View]) throws -> T) rethrows -> T {
        // Each column opened takes a place on the stack, which is small on another thread.
        if columns.count > 48 { return try withCopies(of: columns, body) }
        func open(_ views: [View]) throws -> T {
            views.count == columns.count
                ? try body(views) : try columns[views.count].withView { try open(views + [$0]) }
        }
        return try open([])
    }

    private static func withCopies<T>(of columns: [ValueColumn], _ body: ([View]) throws -> T) rethrows -> T {
        func copy<Element>(_ array: [Element]) -> UnsafeMutableBufferPointer<Element> {
            let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
            _ = buffer.initialize(from: array)
            return buffer
        }
        // Columns that were read together may lie in one store of bytes.
        var stores: [UnsafeRawPointer?: UnsafeMutableBufferPointer<UInt8>] = [:]
        let copies = columns.map { column in
            let store = column.bytes.withUnsafeBytes { $0.baseAddress }
            let bytes = stores[store] ?? copy(column.bytes)
            stores[store] = bytes
            return (copy(column.kinds), copy(column.words), bytes)
        }
        defer {
            for (kinds, words, _) in copies {
                kinds.deallocate()
                words.deallocate()
            }
            for bytes in stores.values { bytes.deallocate() }
        }
        return try body(
            copies.map { kinds, words, bytes in
                View(
                    kinds: UnsafeBufferPointer(kinds), words: UnsafeBufferPointer(words),
                    bytes: UnsafeRawBufferPointer(bytes))
            })
    }
}

extension [ValueColumn.View] {
    /// Rows in the order of their values in these columns. O(rows · log rows) comparisons.
    public func sorted(_ rows: some Sequence<Int>) -> [Int] {
        rows.sorted { a, b in
            for column in self {
                let order = column.compare(a, b)
                if order != 0 { return order < 0 }
            }
            return false
        }
    }
}
