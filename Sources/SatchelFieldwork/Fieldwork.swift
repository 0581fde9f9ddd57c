/// Client files and field visits: the schema, its records and what they are made of.
public enum Fieldwork {
    /// The DDL of the data set, with the units declared in it: what `Hub.create` and `satchel-hub init` are given.
    ///
    /// The same text as `fieldwork.sql` beside this file. Its hash names the schema (SCH-16), so a change of one
    /// comment is a new schema.
    public static let schema = String(decoding: PackageResources.fieldwork_sql, as: UTF8.self)
}
