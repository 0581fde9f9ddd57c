internal import Foundation
internal import GRDB
internal import SatchelStore
internal import SatchelTransport
internal import SatchelWire

/// Any error of this library as a person is told it: what is wrong, and what to do.
///
/// ```swift
/// do { try replica.sync(folder: stick) } catch { show(Complaint(error).sentence, Complaint(error).hint) }
/// ```
///
/// Holds no values of rows but the keys that name them.
public struct Complaint: Error, Sendable, CustomStringConvertible {
    /// What to do about it; the numbers are the exit codes of the commands (CLI-2).
    public enum Kind: Int32, Sendable {
        /// None of the others: a person has to look.
        case other = 1
        /// The call cannot be meant so.
        case usage = 2
        /// Received, kept, and waiting for something.
        case parked = 3
        /// Damaged, forged, or not for this replica.
        case refused = 4
        /// Received and kept, but a row cannot be shown.
        case setAside = 5
        /// Another program holds the file: the same call may succeed in a moment.
        case busy = 6
    }

    public let kind: Kind
    public let sentence: String
    public let hint: String

    public init(_ kind: Kind, _ sentence: String, try hint: String) {
        self.kind = kind
        self.sentence = sentence
        self.hint = hint
    }

    public init(_ error: any Error) {
        switch error {
        case let complaint as Complaint: self = complaint
        case let error as UsageError: self.init(.usage, error.description, try: error.hint)
        case let error as WouldHide:
            self.init(
                .usage, error.description, try: "choose something else, or change first what stands against it")
        case let error as WouldNotAsk:
            self.init(
                .usage, error.description, try: "decide what is asked of it now, or change the record itself")
        case let error as SchemaError:
            self.init(
                .usage, error.description, try: error.hint ?? "change the schema file; Protocol/schema.md has the rules"
            )
        case let error as RefusedBundle:
            self.init(.refused, error.description, try: error.hint)
        case let error as WireError: self.init(wire: error)
        case let error as TransportError:
            self.init(.other, error.description, try: "check that the folder is there and can be written")
        case let error as StoreError: self.init(store: error)
        case let error as DatabaseError
        where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode.primaryResultCode):
            self = .busy
        case let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT:
            self.init(refusal: error.message ?? "a constraint")
        case let error as DatabaseError:
            let said = error.message ?? "SQLite reports \(error.resultCode)"
            self = Self.usual(error.resultCode.rawValue, said) ?? Complaint(.other, said, try: "run `satchel doctor`")
        default: self.init(.other, error.localizedDescription, try: "check the paths, the rights and the disk")
        }
    }

    /// A table's own words.
    private init(refusal words: String) {
        self.init(.usage, "its table refuses that: \(words)", try: "give another value")
    }

    private init(wire error: WireError) {
        if case .io = error {
            self.init(.other, error.sentence, try: "check the path, the rights and the disk")
        } else {
            self.init(RefusedBundle(description: error.sentence))
        }
    }

    private init(store error: StoreError) {
        if error.isBusy {
            self = .busy
        } else if error.code & 0xFF == 26 {
            self.init(.usage, "the file is not a replica: \(error.message)", try: "give the path that `init` was given")
        } else if error.isConstraint {
            self.init(refusal: error.message)
        } else if let usual = Self.usual(error.code, error.description) {
            self = usual
        } else {
            self.init(
                .other, error.description, try: error.hint ?? "check the path and the disk, then run `satchel doctor`")
        }
    }

    /// What SQLite reports of files and disks, in words for people, with its own behind them; nil: something else.
    private static func usual(_ code: Int32, _ said: String) -> Complaint? {
        let sentence: String
        let hint: String
        switch ResultCode(rawValue: code).primaryResultCode {
        case .SQLITE_READONLY:
            sentence = "the file may only be read"
            hint = "look at the rights of the file and of its folder, and whether its disk takes any writing"
        case .SQLITE_IOERR:
            sentence = "the disk did not do what it was asked to"
            hint = "look whether the disk is full, worn out, or was pulled out; then run it again"
        case .SQLITE_CORRUPT:
            sentence = "the file is damaged"
            hint = "copy the file somewhere safe; then run `satchel doctor`, which says what can still be read"
        case .SQLITE_FULL:
            sentence = "the disk is full"
            hint = "make room and run it again; what was taken in whole before stays"
        case .SQLITE_CANTOPEN:
            sentence = "the file cannot be opened"
            hint = "check the path, and the rights of the file and of its folder"
        default: return nil
        }
        return Complaint(.other, "\(sentence) (\(said))", try: hint)
    }

    private static let busy = Complaint(
        .busy, "another program is writing to the file", try: "run it again in a moment, or wait longer with --busy-ms")

    public var description: String { sentence }
}
