internal import Satchel
package import SatchelModel
internal import SatchelStore

/// The replicas of a world before anything happened, and what its judges go by.
package final class WorldTemplate {
    /// What the judges go by, for each version of the schema.
    package let schemas: [Schema]
    let constraints: [NaiveConstraints]
    /// The text of each version.
    let texts: [String]
    private let replicas: ReplicaTemplate

    /// Makes a hub, or an authority without one, and devices, in `folder`, which is removed again.
    package init(_ world: WorldSchema, hasHub: Bool, devices: Int, folder: String) throws {
        constraints = world.versions.map(\.constraints)
        texts = world.versions.map(\.ddl)
        schemas = try world.versions.map { try $0.judged ?? Store.tables(of: $0.ddl) }
        // What the hub forgets, and when, is judged by the grave scripts (EXC-23).
        replicas = try ReplicaTemplate(
            ddl: world.ddl, hasHub: hasHub, devices: (1...devices).map { "device\($0)" }, keepDays: 36_500,
            folder: folder)
    }

    func clone(into folder: String) throws { try replicas.clone(into: folder) }
}
