internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-57.
struct Handover: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hands everything that one device is served over to another, with counts and a checklist.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("The former device.", valueName: "name")) var from: String
    @Option(help: ArgumentHelp("The successor.", valueName: "name")) var to: String
    @Flag(help: "Change nothing: say how it stands, or what would be handed over.") var check = false
    @Option(help: ArgumentHelp("Who hands over.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let hub = try answer.hub(hub)
        let told = HandoverTold(
            try check ? hub.checkHandOver(from: from, to: to) : hub.handOver(from: from, to: to, actor: actor))
        try Answer.give(told, json: answer.json, told.lines(isDone: !check))
    }
}

/// CLI-57.
struct HandoverTold: Encodable {
    struct Owner: Encodable {
        let table: String
        let column: String
        let from: String
        let to: String
        let rows: Int
    }

    struct Kept: Encodable {
        let table: String
        let column: String
        let rows: Int
        let reason: String
    }

    struct Count: Encodable {
        let table: String
        let formerBefore: Int
        let formerAfter: Int
        let successorBefore: Int
        let successorAfter: Int
    }

    struct Matter: Encodable {
        let table: String
        let rows: Int
    }

    struct Checklist: Encodable {
        let complete: Bool
        let handedOver: Bool
        let formerHasCome: Bool
        let formerCopies: Int
        let formerIsGone: Bool
        @OrNull var formerLastSeen: String?
        @OrNull var formerLastSeenMs: Int64?
        let formerLacks: UInt64
        let parked: Int
        let setAside: Int
        let heldAside: Int
        let stillNamed: Int
        let keptNamed: Int
        let conflicts: Int
        let openMatters: [Matter]
    }

    let from: String
    let to: String
    let scopes: [String]
    let owners: [Owner]
    let kept: [Kept]
    let takenIn: Int
    let counts: [Count]
    let checklist: Checklist

    init(_ report: HandoverReport) {
        from = report.former
        to = report.successor
        scopes = report.scopes
        owners = report.owners.map {
            Owner(table: $0.table, column: $0.column, from: $0.from, to: $0.to, rows: $0.rows)
        }
        kept = report.kept.map { Kept(table: $0.table, column: $0.column, rows: $0.rows, reason: $0.reason) }
        takenIn = report.takenIn
        counts = report.counts.map {
            Count(
                table: $0.table, formerBefore: $0.formerBefore, formerAfter: $0.formerAfter,
                successorBefore: $0.successorBefore, successorAfter: $0.successorAfter)
        }
        let list = report.checklist
        checklist = Checklist(
            complete: list.isComplete, handedOver: list.isHandedOver, formerHasCome: list.formerHasCome,
            formerCopies: list.formerCopies, formerIsGone: list.formerIsGone, formerLastSeen: list.formerLastSeen?.told,
            formerLastSeenMs: list.formerLastSeen?.milliseconds, formerLacks: list.formerLacks,
            parked: list.parked, setAside: list.setAside, heldAside: list.heldAside, stillNamed: list.stillNamed,
            keptNamed: list.keptNamed,
            conflicts: list.conflicts,
            openMatters: list.openMatters.sorted { $0.key < $1.key }.map { Matter(table: $0.key, rows: $0.value) })
    }

    /// - Parameter isDone: whether it was handed over now, and not only looked at.
    func lines(isDone: Bool) -> [String] {
        var lines = ["\(from) to \(to): \(scopes.isEmpty ? "nothing any more" : scopes.joined(separator: ", "))"]
        lines += owners.map {
            let become = isDone ? "became" : "would become"
            return "\($0.table).\($0.column): \($0.from) \(become) \($0.to) in \(counted($0.rows, "row"))"
        }
        lines += kept.map {
            let unchanged = isDone ? "handed over unchanged" : "would stay unchanged"
            return "\($0.table).\($0.column): \(counted($0.rows, "row")) \(unchanged), since \($0.reason)"
        }
        if takenIn > 0 {
            lines.append("\(counted(takenIn, "row")) with work of \(to) that had been set aside: taken in")
        }
        lines += counts.map {
            isDone
                ? "\($0.table): \(from) \($0.formerBefore) → \($0.formerAfter), \(to) \($0.successorBefore) → \($0.successorAfter)"
                : "\($0.table): \(from) \($0.formerBefore), \(to) \($0.successorBefore)"
        }
        func item(_ done: Bool, _ text: String) { lines.append("[\(done ? "x" : " ")] \(text)") }
        item(checklist.handedOver, "handed over")
        let seen = checklist.formerLastSeen ?? "never"
        if checklist.formerIsGone, !checklist.formerHasCome {
            item(true, "\(from) was given up and need not come; last seen \(seen)")
        } else {
            item(checklist.formerHasCome, "\(from) has come since; last seen \(seen)")
        }
        if checklist.formerCopies > 0 {
            let copies = checklist.formerCopies
            item(
                false,
                copies == 1 ? "a copy of \(from) has not come since" : "\(copies) copies of \(from) have not come since"
            )
        }
        item(checklist.parked == 0, "its changesets that wait: \(checklist.parked)")
        item(checklist.setAside == 0, "changes set aside: \(checklist.setAside)")
        item(checklist.heldAside == 0, "rows that their tables refuse, or that hang on such: \(checklist.heldAside)")
        let named = checklist.stillNamed + checklist.keptNamed
        let kept = checklist.keptNamed == 0 ? "" : ", of which \(checklist.keptNamed) stay so, as said above"
        item(checklist.stillNamed == 0, "rows that still name the former owner: \(named)\(kept)")
        item(checklist.conflicts == 0, "conflicts open: \(checklist.conflicts)")
        for matter in checklist.openMatters { item(matter.rows == 0, "open in \(matter.table): \(matter.rows)") }
        return lines
    }
}
