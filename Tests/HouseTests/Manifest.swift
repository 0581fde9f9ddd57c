/// What Package.swift says that each target may import.
///
/// Read as text, with brackets counted: the house rules need names and dependencies and nothing else of it.
struct Manifest {
    /// Target name to the names of its dependencies; of a product, the product's name, which is also its module's.
    let dependencies: [String: Set<String>]

    init(_ text: String) {
        var dependencies: [String: Set<String>] = [:]
        for call in text.ranges(of: #/\.(?:target|executableTarget|testTarget)\(/#) {
            let body = Self.balanced(text[call.upperBound...])
            guard let name = body.firstMatch(of: #/name: "(\w+)"/#) else { continue }
            dependencies[String(name.1)] = Self.dependencies(in: body)
        }
        self.dependencies = dependencies
    }

    /// What comes before the bracket that closes the one just opened.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if "([".contains(text[index]) { depth += 1 }
            if ")]".contains(text[index]) { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }

    private static func dependencies(in body: Substring) -> Set<String> {
        guard let start = body.firstRange(of: "dependencies: [") else { return [] }
        let list = balanced(body[start.upperBound...])
        let products = list.matches(of: #/\.product\(name: "(\w+)"/#).map { String($0.1) }
        let targets = list.replacing(#/\.product\([^)]*\)/#, with: "").matches(of: #/"(\w+)"/#).map { String($0.1) }
        return Set(products + targets)
    }
}
