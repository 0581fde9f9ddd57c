/// Why bytes from outside were refused.
///
/// The text names the place in the format, or the file, never anything that was in the data. Only `incomplete` and `io` are
/// worth trying again with the same source; `unsupported` asks for a newer program; the rest ask for a person.
public enum WireError: Error, Equatable, Sendable {
    /// The bytes end too early: a copy that is still under way, or was cut off.
    case incomplete(String)
    /// The bytes contradict the format.
    case damaged(String)
    /// A version or a kind that this program does not know.
    case unsupported(String)
    /// The bytes are well formed, but not signed by who they should be.
    case untrusted(String)
    /// A limit of `Limits` is passed.
    case tooLarge(String)
    /// The system refused to read or write.
    case io(String)

    /// One sentence for people, without client data.
    public var sentence: String {
        switch self {
        case .incomplete(let place): "The bundle ends too early (\(place)); copy it again."
        case .damaged(let place): "The bundle is damaged (\(place))."
        case .unsupported(let place): "The bundle was made by a newer version of Satchel (\(place))."
        case .untrusted(let place): "The bundle cannot be trusted (\(place))."
        case .tooLarge(let place): "The bundle passes a limit (\(place))."
        case .io(let place): "The file could not be read or written (\(place))."
        }
    }
}

extension WireError: CustomStringConvertible {
    public var description: String { sentence }
}
