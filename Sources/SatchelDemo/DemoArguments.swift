/// What the person asked for: `satchel-demo FOLDER [--data DIR] [--seed N]`.
struct DemoArguments: Sendable, Equatable {
    /// Where the replicas go. Must be empty or not there yet.
    var folder: String
    /// Where clients.csv and visits.csv lie; nil: a generated territory.
    var data: String?
    var seed: UInt64 = 1

    static let usage = "usage: satchel-demo FOLDER [--data DIR] [--seed N]"

    /// Nil for anything that is not of this form.
    init?(_ arguments: [String]) {
        var folders: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--data":
                guard let value = rest.popFirst() else { return nil }
                data = value
            case "--seed":
                guard let value = rest.popFirst().flatMap(UInt64.init) else { return nil }
                seed = value
            default:
                guard !word.hasPrefix("-") else { return nil }
                folders.append(word)
            }
        }
        guard folders.count == 1 else { return nil }
        folder = folders[0]
    }
}
