/// The schemas of our own worlds.
extension WorldSchema {
    /// Judged by schemas that were written by hand.
    package static func ours() throws -> [WorldSchema] {
        [try WorldSchema(name: "standard", ddl: RandomScriptSchema.ddl, judged: RandomScriptSchema.schema)]
    }
}
