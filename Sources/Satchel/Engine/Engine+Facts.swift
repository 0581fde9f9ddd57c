internal import SatchelModel
internal import SatchelStore

/// What people say about the data and not in it: small records that sync like their own tables (SCH-29).
extension Engine {
    /// What facts are about. A topic of a later version is kept and passed on like any row.
    enum FactTopic: String {
        /// Two rows that are not the same, by the id of the pair.
        case distinct
    }

    /// The standing facts of a topic, by what they are about. O(facts of the topic).
    func facts(_ topic: FactTopic) throws -> [String: String] {
        // "0" is the character after "/".
        let select = try store.db.statement(
            "SELECT name, value FROM \(factTable) WHERE name > ? AND name < ? AND value IS NOT NULL")
        select.bind(1, topic.rawValue + "/").bind(2, topic.rawValue + "0")
        var found: [String: String] = [:]
        while try select.step() {
            found[String(select.string(0).dropFirst(topic.rawValue.count + 1))] = select.string(1)
        }
        return found
    }

    /// Says something, or takes it back (nil): a change like any other, sealed at once. In the caller's transaction.
    func setFact(_ topic: FactTopic, about subject: String, _ value: String?, actor: String) throws {
        // What others wrote before is theirs.
        try seal()
        try store.db.setTriggers(true)
        let insert = try store.db.statement(
            "INSERT INTO \(factTable)(name, value) VALUES (?1, ?2) "
                + "ON CONFLICT(name) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value")
        try insert.bind(1, "\(topic.rawValue)/\(subject)").bind(2, value.map { .text($0) } ?? .null).run()
        try store.db.setTriggers(false)
        try seal(actor: actor)
    }
}
