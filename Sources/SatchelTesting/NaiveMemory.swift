internal import SatchelModel

/// What a model worked out and will be asked again. It changes no answer: a model never changes.
final class NaiveMemory {
    private var view: NaiveView?

    func view(_ reckon: () -> NaiveView) -> NaiveView {
        if let view { return view }
        let new = reckon()
        view = new
        return new
    }
}

/// The states of rows by the changes that made them: replicas that know the same of a row share one answer.
package final class NaiveRowCache {
    private var rows: [NaiveRowName: [Set<Dot>: NaiveRow]] = [:]

    package init() {}

    func row(_ name: NaiveRowName, _ dots: Set<Dot>, _ reckon: () -> NaiveRow) -> NaiveRow {
        if let known = rows[name]?[dots] { return known }
        let new = reckon()
        rows[name, default: [:]][dots] = new
        return new
    }
}
