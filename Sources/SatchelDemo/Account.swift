import Satchel

/// What the day came to, gathered as it went and printed at its end.
struct Account {
    /// A conflict as the judge found it.
    struct Finding {
        let id: String
        let title: String
        /// One line for each candidate, in the order in which they are counted.
        let values: [String]
        var decision: String?

        /// - Parameter name: what people call the row.
        init(_ conflict: Conflict, of name: String) {
            let question =
                switch conflict.kind {
                case .values: conflict.unit
                case .deleted: "deleted and edited"
                case .inUse: "deleted and in use"
                case .mergedApart: "merged into two"
                }
            id = conflict.id
            title = "\(name): \(question)"
            values = conflict.candidates.map { candidate in
                let people = candidate.authors.map { $0.actor.isEmpty ? $0.device : $0.actor }
                let authors = people.isEmpty ? "" : " (\(people.joined(separator: ", ")))"
                let act = candidate.act.map { people.isEmpty ? "\($0), since other rows refer to it" : $0 }
                return (act ?? Self.words(candidate, in: conflict)) + authors + (candidate.isShown ? " <- shown" : "")
            }
        }

        /// The values that differ between the candidates; what they have in common helps nobody to decide.
        private static func words(_ candidate: Conflict.Candidate, in conflict: Conflict) -> String {
            candidate.values.indices
                .filter { index in Set(conflict.candidates.map { $0.values[index] }).count > 1 }
                .map { candidate.values[$0] == .null ? "(empty)" : candidate.values[$0].display }
                .joined(separator: ", ")
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
    var took = (morning: Duration.zero, day: Duration.zero, evening: Duration.zero)

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
