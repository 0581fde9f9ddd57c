import SatchelModel
import Testing

/// Columns as memory: what a view says is what the column says, for few columns and for more than a stack may hold.
@Suite struct ValueColumnViewTests {
    private static let values: [Value] = [
        .null, .integer(.min), .real(1.5), .text(""), .text("é"), .blob([]), .blob([0, 255]), .integer(7),
        .text("a\0b"),
    ]

    @Test(arguments: [1, 48, 49, 2000])
    func viewsSayWhatTheirColumnsSay(count: Int) {
        let columns = (0..<count).map { shift in
            ValueColumn(Self.values.indices.map { Self.values[($0 + shift) % Self.values.count] })
        }
        ValueColumn.withViews(columns) { views in
            #expect(views.count == count)
            for (column, view) in zip(columns, views) {
                for row in 0..<column.count {
                    var (form, expected): ([UInt8], [UInt8]) = ([], [])
                    view.appendCanonical(row, to: &form)
                    column[row].appendCanonical(to: &expected)
                    #expect(form == expected && view.byteCount(row) == column[row].byteCount)
                }
            }
        }
    }

    /// Columns that were read together lie in one store of bytes, which is copied once.
    @Test(arguments: [2, 60]) func columnsMayShareTheirBytes(count: Int) {
        let bytes = Array("abcdef".utf8)
        let columns = (0..<count).map { shift in
            ValueColumn(
                kinds: [.text, .null, .blob], words: [UInt64(shift % 5) << 32 | 2, 0, 1 << 32 | 3], bytes: bytes)
        }
        ValueColumn.withViews(columns) { views in
            for (shift, view) in views.enumerated() {
                #expect(Array(view.slice(0)) == Array(bytes[(shift % 5)..<(shift % 5 + 2)]))
                #expect(Array(view.slice(2)) == Array("bcd".utf8) && view.byteCount(1) == 0)
            }
        }
        #expect(columns[0] == ValueColumn([.text("ab"), .null, .blob(Array("bcd".utf8))]) && columns[0].byteCount == 5)
    }

    @Test func rowsAreSortedByTheirBytesAndEqualOnesKept() {
        let key = [ValueColumn([.text("b"), .text("a"), .integer(3), .text("ab"), .text("a")] as [Value])]
        ValueColumn.withViews(key) { views in
            let sorted = views.sorted(0..<5)
            #expect(sorted.first == 2 && sorted.last == 0 && sorted[3] == 3 && Set(sorted[1...2]) == [1, 4])
        }
    }
}
