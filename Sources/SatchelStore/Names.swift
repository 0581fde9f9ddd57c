/// An identifier as SQL text: in double quotes, doubled inside. Only names read from the local schema come here;
/// a name from a bundle is looked up, never spliced.
package func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

/// The one table of the library's own that is synced like people's (SCH-29).
public let factTable = "satchel_fact"

/// The names that this library keeps for itself.
func isReserved(_ name: String) -> Bool {
    let lower = name.lowercased()
    return lower.hasPrefix("satchel_") || lower.hasPrefix("sqlite_")
}
