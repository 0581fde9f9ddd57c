internal import SatchelStore

/// Tables as people name them.
extension Engine {
    /// Throws a `UsageError` that names the synced tables if this is none of them.
    func layout(named name: String) throws -> TableLayout {
        guard let layout = store.layout(named: name) else {
            let known = store.peoplesLayouts.map(\.schema.name).joined(separator: ", ")
            throw UsageError("there is no synced table \(name)", try: "one of \(known)")
        }
        return layout
    }
}
