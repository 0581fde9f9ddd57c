import Satchel

/// What the day came to, gathered as it went and printed at its end.
struct Account {
    /// A conflict as the judge found it.
    struct Finding {
        let title: String
        /// One line for each value: what, by whom.
        let values: [String]
        var decision: String?

        init(_ conflict: Conflict) {
            let unit = conflict.unit.isEmpty ? "the row itself" : conflict.unit
            title = "\(conflict.table) \(conflict.key.display): \(unit) (\(conflict.kind))"
            values = conflict.candidates.map { candidate in
                let value = candidate.values.map(\.display).filter { !$0.isEmpty }.joined(separator: ", ")
                let people = candidate.authors.map { $0.actor.isEmpty ? $0.device : $0.actor }
                return
                    "\(candidate.act ?? value)  by \(people.joined(separator: ", "))\(candidate.isShown ? ", shown" : "")"
            }
        }
    }

    var newVisits = 0
    var visitToDeleted = ""
    var duplicateCode = ""
    /// What the judge made of the phone number.
    var phone: String?
    var found: [Finding] = []
    var digests: [(device: String, digest: String)] = []
    var morningRounds = 0, eveningRounds = 0, decisionRounds = 0
    var took = Duration.zero

    /// Claims in the order in which they were first checked; a claim holds if it held on every tablet.
    private(set) var claims: [(text: String, holds: Bool)] = []

    var holds: Bool { claims.allSatisfy(\.holds) }

    mutating func check(_ claim: String, _ holds: Bool) {
        if let index = claims.firstIndex(where: { $0.text == claim }) {
            claims[index].holds = claims[index].holds && holds
        } else {
            claims.append((claim, holds))
        }
    }
}
