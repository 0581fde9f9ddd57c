internal import SatchelModel

/// The schemas of our own worlds, judged by schemas that were written by hand.
extension WorldSchema {
    package static func ours() throws -> [WorldSchema] {
        [
            try part("records", RandomScriptSchema.records, ["parent", "child", "pair"]),
            try part("policies", RandomScriptSchema.policies, ["tally", "entry"]),
            try WorldSchema(
                name: "net", ddl: ScriptData.net.ddl, judged: ScriptData.net.schema,
                constraints: ScriptData.net.constraints),
        ]
    }

    /// One that grows over three versions.
    package static func growing() throws -> WorldSchema {
        let versions = try ScriptData.versions.map { try WorldSchema(name: "growing", ddl: $0.ddl, judged: $0.schema) }
        return try WorldSchema(
            name: "growing", ddl: versions[0].ddl, judged: versions[0].judged, later: Array(versions.dropFirst()))
    }

    private static func part(_ name: String, _ ddl: String, _ tables: Set<String>) throws -> WorldSchema {
        try WorldSchema(
            name: name, ddl: ddl,
            judged: Schema(tables: RandomScriptSchema.schema.tables.filter { tables.contains($0.name) }))
    }
}
