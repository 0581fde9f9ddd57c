internal import SatchelModel

extension Value {
    /// The value as it is written in SQL, on one line whatever it holds.
    var sqlLiteral: String {
        switch self {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .real(let number) where number.isInfinite: number < 0 ? "-9e999" : "9e999"
        case .real(let number): "\(number)"
        case .blob(let bytes): "x'\(bytes.hex)'"
        case .text(let bytes):
            if bytes.contains(where: { $0 < 0x20 }) || String(validating: bytes, as: UTF8.self) == nil {
                "CAST(x'\(bytes.hex)' AS TEXT)"
            } else {
                "'\(String(decoding: bytes, as: UTF8.self).replacing("'", with: "''"))'"
            }
        }
    }
}
