import SatchelFieldwork

/// Which clients the scenes of the day are played with: all different, so that no scene disturbs another.
struct Cast: Sendable {
    /// Two people correct its phone number.
    let phone: Client
    /// One person corrects its address, another its tier.
    let parts: Client
    /// One person corrects its street, another its city.
    let address: Client
    /// One person deletes it, another visits it.
    let deleted: Client
    /// Corrected by a tablet with a right clock, then by one with a wrong clock that had seen that.
    let clock: Client
    /// Changed by another program.
    let shell: Client
    /// Two people correct its e-mail address, and nobody decides.
    let open: Client
    /// For the ordinary visits of the day.
    let others: [Client]

    /// Takes clients from all over the territory; the one to be deleted is one that was never visited.
    init(_ territory: Territory) throws(DataError) {
        let visited = Set(territory.visits.map(\.clientId))
        let complete = territory.clients.filter { $0.street != nil && $0.city != nil }
        guard complete.count >= 20 else {
            throw DataError("a day needs at least 20 clients with an address, and there are \(complete.count)")
        }
        let unvisited = complete.first { !visited.contains($0.id) }
        let deleted = unvisited ?? complete[0]
        let scenes = (0..<6).map { complete.filter { $0.id != deleted.id }[$0 * (complete.count - 1) / 6] }
        self.deleted = deleted
        phone = scenes[0]
        parts = scenes[1]
        address = scenes[2]
        clock = scenes[3]
        shell = scenes[4]
        open = scenes[5]
        let taken = Set(scenes.map(\.id) + [deleted.id])
        others = complete.filter { !taken.contains($0.id) }
    }
}
