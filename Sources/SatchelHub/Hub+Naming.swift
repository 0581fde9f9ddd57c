internal import Satchel

extension Hub {
    /// The one of these whose changeset people call by `name`. `place` says where they are, `command` what lists them.
    ///
    /// Throws a `UsageError` for a name of none, and for one of two: a name has a part of the hash only.
    static func one<Listed>(
        _ name: String, of listed: [Listed], by dot: (Listed) -> Dot, _ place: String, command: String
    ) throws -> Listed {
        let meant = listed.filter { dot($0).description == name }
        guard let one = meant.first, meant.count == 1 else {
            throw UsageError(
                "\(name) names \(meant.isEmpty ? "no changeset" : "two changesets") \(place)",
                try: "list what is there with `\(command)`")
        }
        return one
    }
}
