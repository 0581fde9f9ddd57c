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

    private static func part(_ name: String, _ ddl: String, _ tables: Set<String>) throws -> WorldSchema {
        try WorldSchema(
            name: name, ddl: ddl,
            judged: Schema(tables: RandomScriptSchema.schema.tables.filter { tables.contains($0.name) }))
    }
}
