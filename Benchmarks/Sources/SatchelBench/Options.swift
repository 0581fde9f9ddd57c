/// What the command line asks for.
struct Options {
    /// A tenth of the rows, and three repetitions instead of five.
    var quick = false
    /// The hub at a million rows instead of a hundred thousand.
    var full = false
    var json = false
    /// Counts the time of the processor instead of the wall's.
    var countsProcessorTime = false
    var repetitions = 5
    /// The folder of a workload in TSV files; nil: it is generated.
    var data: String?
    /// The groups to measure; empty: all.
    var only: [Group] = []
    /// Rows in the hub's store for the day bundles.
    var hubRows = 100_000

    enum Group: String, CaseIterable { case writes, exchange, fresh, conflicts, small, hub }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    static let usage = """
        Tools/bench [--json] [--quick | --full] [--only GROUP]… [--repetitions N] [--hub-rows N] [--data DIR] [--cpu]

          --json           an array of rows {name, unit, plain, session, value, ratio, goal, holds, memory, growth}
          --quick          a tenth of the rows, medians of three; else medians of five
          --full           the hub's rows at a store of a million rows, not of a hundred thousand
          --hub-rows N     the hub's rows at a store of N rows
          --only GROUP     \(Group.allCases.map(\.rawValue).joined(separator: ", ")); may be given several times
          --repetitions N  medians of N
          --data DIR       clients.tsv, contacts.tsv, visits.tsv and updates.tsv instead of the generated workload
          --cpu            processor time instead of the wall's, for a machine that others use too
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        func value(of option: String) throws -> String {
            guard let value = rest.popFirst() else { throw Fault(description: "\(option) needs a value") }
            return value
        }
        func number(of option: String) throws -> Int {
            guard let number = Int(try value(of: option)), number > 0 else {
                throw Fault(description: "\(option) needs a number")
            }
            return number
        }
        var repetitions: Int?
        var hubRows: Int?
        while let option = rest.popFirst() {
            switch option {
            case "--json": json = true
            case "--quick": quick = true
            case "--full": full = true
            case "--cpu": countsProcessorTime = true
            case "--data": data = try value(of: option)
            case "--repetitions": repetitions = try number(of: option)
            case "--hub-rows": hubRows = try number(of: option)
            case "--only":
                let name = try value(of: option)
                guard let group = Group(rawValue: name) else { throw Fault(description: "there is no group \(name)") }
                only.append(group)
            default: throw Fault(description: "there is no option \(option)")
            }
        }
        self.repetitions = repetitions ?? (quick ? 3 : 5)
        self.hubRows = hubRows ?? (full ? 1_000_000 : quick ? 10_000 : 100_000)
    }

    func measures(_ group: Group) -> Bool { only.isEmpty || only.contains(group) }
}
