import Foundation

/// The files of the project, as the rules of the house see them.
struct Tree {
    struct File: Sendable, CustomStringConvertible {
        /// From the project's root, with slashes.
        let path: String
        let lines: [String]

        var name: String { path.split(separator: "/").last.map(String.init) ?? path }
        var description: String { path }
    }

    /// This file stands in Tests/HouseTests.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every text file that may be committed: build products, git's own files and what the demo leaves are not.
    static let files: [File] = {
        let skipped: Set<String> = [".build", ".git", ".swiftpm", "demo"]
        var files: [File] = []
        var folders = [""]
        while let folder = folders.popLast() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/" + folder)) ?? []
            for name in names.sorted() where !(skipped.contains(name) && (folder.isEmpty || name.hasPrefix("."))) {
                let path = folder.isEmpty ? name : folder + "/" + name
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: root.path + "/" + path, isDirectory: &isFolder) else {
                    continue
                }
                if isFolder.boolValue {
                    folders.append(path)
                } else if let file = text(path) {
                    files.append(file)
                }
            }
        }
        return files
    }()

    /// Nil for a file that is not UTF-8, such as a test vector.
    private static func text(_ path: String) -> File? {
        guard let data = FileManager.default.contents(atPath: root.path + "/" + path),
            let text = String(data: data, encoding: .utf8)
        else { return nil }
        return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    static func file(_ path: String) -> File? { files.first { $0.path == path } }

    static func files(under folder: String, ending suffix: String = "") -> [File] {
        files.filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(suffix) }
    }

    /// "path:line: text" of every line of the files that contains a match, for a failure that says where.
    static func matches(_ pattern: Regex<some Any>, in files: [File]) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { $0.element.contains(pattern) }
                .map { "\(file.path):\($0.offset + 1): \($0.element.trimmingCharacters(in: .whitespaces))" }
        }
    }
}
