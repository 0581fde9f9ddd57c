import SatchelFieldwork

/// What five people share before the day begins: client files, the people there, past visits and plans.
struct Territory: Sendable {
    /// Who works here, those with the most clients first.
    var staff: [Staff]
    var clients: [Client]
    var contacts: [Contact]
    var plans: [VisitPlan]
    var visits: [Visit]
    /// What a reader of files left out, and why; empty for a generated territory.
    var remarks: [String] = []

    var rowCount: Int { clients.count + contacts.count + plans.count + visits.count }
}

/// A client manager 客户经理.
struct Staff: Sendable, Equatable {
    var name: String
    /// The district 片区 that is theirs; empty where the data do not say.
    var district: String
}
