/// One thing that happens in a world, as a plain value: a schedule is a list of them (TST-6).
///
/// Replicas go by number: 0 is the hub, devices count from 1. Bundles go by the number that the schedule gave them.
/// An event that names what is not there does nothing, so that any part of a schedule is a schedule.
public enum WorldEvent: Hashable, Sendable {
    /// A transaction of plain SQL. Unchecked: by a program that does not enforce foreign keys.
    case write(Int, sql: String, unchecked: Bool)
    case seal(Int)
    /// Somebody answers one of the conflicts that they see, counted modulo how many there are, likewise the choice.
    case answer(Int, conflict: Int, choice: Int)
    /// Somebody merges a row of a table into another, all counted modulo how many there are, and takes over a unit, by
    /// its number, unless that is 0.
    case merge(Int, row: Int, into: Int, table: Int, taking: Int)
    /// Somebody takes one of the merges back that they see.
    case unmerge(Int, row: Int)
    /// Somebody takes back one of the deletions that stand, or all that its changeset deleted.
    case undo(Int, deletion: Int, whole: Bool)
    /// Makes bundle `bundle`: up if `to` is the hub, down if `from` is, else sideways.
    case pack(from: Int, to: Int, bundle: Int)
    /// A bundle arrives: late, again, or before its elders, by its place in the schedule. One that never does is lost.
    case arrive(Int)
    /// A bundle arrives with one bit changed, or cut off, at a byte counted modulo its length.
    case arriveDamaged(Int, at: Int, cut: Bool)
    /// The next act at this replica's disk dies at a call on it, and what was not synced meets its fate.
    case crash(Int, call: Int, fate: Fate)
    /// The next act at this replica's disk is refused from a call on, as by a full disk.
    case fullDisk(Int, call: Int)
    /// A person moves the replica to the next version of its schema, if there is one.
    case migrate(Int)
    /// A person copies the replica to another device, with the library.
    case copy(Int, as: Int)
    /// A person copies the replica's file to another device, as `cp` does it.
    case copyFile(Int, as: Int)
    /// A person saves the replica's file.
    case backUp(Int)
    /// A person puts the saved file in the place of the replica's.
    case restore(Int)
    /// The device's clock is wrong by so many milliseconds from now on.
    case clock(Int, offBy: Int64)
    /// The device's clock no longer moves.
    case clockStands(Int)
    /// Time goes by for everybody, in milliseconds.
    case pass(Int64)

    /// What becomes of writes that were not synced when the power went.
    public enum Fate: String, CaseIterable, Sendable { case kept, dropped, torn }
}

extension WorldEvent: CustomStringConvertible {
    /// One line that a person reads and `init(_:)` reads back.
    public var description: String {
        switch self {
        case .write(let who, let sql, let unchecked):
            "\(Self.name(who)) writes\(unchecked ? " without checks" : ""): \(sql)"
        case .seal(let who): "\(Self.name(who)) seals"
        case .answer(let who, let conflict, let choice):
            "\(Self.name(who)) answers conflict \(conflict) with \(choice)"
        case .merge(let who, let row, let into, let table, let taking):
            "\(Self.name(who)) merges row \(row) into row \(into) of table \(table), taking \(taking)"
        case .unmerge(let who, let row): "\(Self.name(who)) unmerges row \(row)"
        case .undo(let who, let deletion, let whole):
            "\(Self.name(who)) undoes deletion \(deletion)\(whole ? " and its changeset" : "")"
        case .pack(let from, let to, let bundle): "\(Self.name(from)) packs bundle \(bundle) for \(Self.name(to))"
        case .arrive(let bundle): "bundle \(bundle) arrives"
        case .arriveDamaged(let bundle, let at, let cut):
            "bundle \(bundle) arrives \(cut ? "cut" : "damaged") at byte \(at)"
        case .crash(let who, let call, let fate):
            "\(Self.name(who)) crashes at disk call \(call), unsynced writes \(fate.rawValue)"
        case .fullDisk(let who, let call): "\(Self.name(who)) finds its disk full at call \(call)"
        case .migrate(let who): "\(Self.name(who)) moves to the next version of the schema"
        case .copy(let who, let new): "\(Self.name(who)) is copied as \(Self.name(new))"
        case .copyFile(let who, let new): "\(Self.name(who)) has its file copied as \(Self.name(new))"
        case .backUp(let who): "\(Self.name(who)) is backed up"
        case .restore(let who): "\(Self.name(who)) is restored"
        case .clock(let who, let milliseconds): "\(Self.name(who)) has its clock off by \(milliseconds) ms"
        case .clockStands(let who): "\(Self.name(who)) has its clock stand still"
        case .pass(let milliseconds): "\(milliseconds) ms pass"
        }
    }

    static func name(_ who: Int) -> String { who == 0 ? "the hub" : "device \(who)" }

    /// Reads a line of a story. Nil for one that is none.
    public init?(_ line: some StringProtocol) {
        let line = String(line)
        if let found = line.wholeMatch(of: #/(-?\d+) ms pass/#), let time = Int64(found.1) {
            self = .pass(time)
        } else if let found = line.wholeMatch(of: #/bundle (\d+) arrives(?: (cut|damaged) at byte (\d+))?/#),
            let bundle = Int(found.1)
        {
            self =
                found.3.flatMap { Int($0) }.map { .arriveDamaged(bundle, at: $0, cut: found.2 == "cut") }
                ?? .arrive(bundle)
        } else if let found = line.wholeMatch(of: #/(?:the hub|device (\d+)) (.*)/#.dotMatchesNewlines()),
            let event = Self.act(of: found.1.flatMap { Int($0) } ?? 0, String(found.2))
        {
            self = event
        } else {
            return nil
        }
    }

    private static func act(of who: Int, _ act: String) -> WorldEvent? {
        func number(_ text: Substring?) -> Int { text.flatMap { Int($0) } ?? 0 }
        if let found = act.wholeMatch(of: #/writes( without checks)?: (.*)/#.dotMatchesNewlines()) {
            return .write(who, sql: String(found.2), unchecked: found.1 != nil)
        }
        if act == "seals" { return .seal(who) }
        if let found = act.wholeMatch(of: #/answers conflict (\d+) with (\d+)/#) {
            return .answer(who, conflict: number(found.1), choice: number(found.2))
        }
        if let found = act.wholeMatch(of: #/merges row (\d+) into row (\d+) of table (\d+), taking (\d+)/#) {
            return .merge(
                who, row: number(found.1), into: number(found.2), table: number(found.3), taking: number(found.4))
        }
        if let found = act.wholeMatch(of: #/unmerges row (\d+)/#) { return .unmerge(who, row: number(found.1)) }
        if let found = act.wholeMatch(of: #/undoes deletion (\d+)( and its changeset)?/#) {
            return .undo(who, deletion: number(found.1), whole: found.2 != nil)
        }
        if let found = act.wholeMatch(of: #/packs bundle (\d+) for (?:the hub|device (\d+))/#) {
            return .pack(from: who, to: number(found.2), bundle: number(found.1))
        }
        if let found = act.wholeMatch(of: #/crashes at disk call (\d+), unsynced writes (\w+)/#) {
            return Fate(rawValue: String(found.2)).map { .crash(who, call: number(found.1), fate: $0) }
        }
        if let found = act.wholeMatch(of: #/finds its disk full at call (\d+)/#) {
            return .fullDisk(who, call: number(found.1))
        }
        if act == "moves to the next version of the schema" { return .migrate(who) }
        if act == "is backed up" { return .backUp(who) }
        if act == "is restored" { return .restore(who) }
        if let found = act.wholeMatch(of: #/has its file copied as device (\d+)/#) {
            return .copyFile(who, as: number(found.1))
        }
        if let found = act.wholeMatch(of: #/is copied as device (\d+)/#) { return .copy(who, as: number(found.1)) }
        if let found = act.wholeMatch(of: #/has its clock off by (-?\d+) ms/#), let time = Int64(found.1) {
            return .clock(who, offBy: time)
        }
        return act == "has its clock stand still" ? .clockStands(who) : nil
    }
}
