import Foundation
import Satchel
import SatchelHub

/// What all groups of rows share: the workload, how often to repeat, the folder for files, and how to measure.
struct Bench {
    let workload: Workload
    let options: Options
    let meter: Meter
    let folder: String

    func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// Measures at a quarter, a half and the whole of the workload, or only at the whole, and makes rows of it.
    /// The smaller sizes are repeated half as often.
    func measure(
        growth: Bool = true, _ body: (_ workload: Workload, _ repetitions: Int, _ sheet: inout Sheet) throws -> Void
    ) throws -> [Measurement] {
        var sheets: [(size: Double, sheet: Sheet)] = []
        for part in growth ? [4, 2, 1] : [1] {
            let workload = part == 1 ? workload : workload.part(part)
            var sheet = Sheet()
            try body(workload, part == 1 ? options.repetitions : (options.repetitions + 1) / 2, &sheet)
            sheets.append((Double(workload.visits.count), sheet))
        }
        return Self.rows(of: sheets)
    }

    /// The rows of the last sheet, each with how it grew.
    static func rows(of sheets: [(size: Double, sheet: Sheet)]) -> [Measurement] {
        guard let whole = sheets.last?.sheet else { return [] }
        return whole.rows.map { row in
            let points = sheets.compactMap { size, sheet -> Growth.Point? in
                guard let smaller = sheet.rows.first(where: { $0.kind.name == row.kind.name }) else { return nil }
                return point(smaller, size: size)
            }
            return Measurement(row, growth: Growth(points, expected: row.kind.growth))
        }
    }

    /// Of a rate for each second, the cost is the milliseconds of one.
    private static func point(_ row: Sheet.Row, size: Double) -> Growth.Point? {
        guard let value = median(row.value) else { return nil }
        if case .atLeast = row.kind.goal {
            return Growth.Point(size: size, cost: 1000 / value, plain: median(row.plain).map { 1000 / $0 })
        }
        return Growth.Point(size: size, cost: value, plain: median(row.plain))
    }

    // MARK: Files

    /// A path in the folder with nothing at it.
    func fresh(_ name: String) throws -> String {
        let path = folder + "/" + name
        for path in [path, path + "-wal", path + "-shm"] where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        return path
    }

    /// A path in the folder with nothing at it, for a folder.
    func freshFolder(_ name: String) throws -> String {
        let path = folder + "/" + name
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        return path
    }

    /// A new file of plain SQLite with the tables of the workload.
    func plain(_ name: String, _ synchronous: PlainSQLite.Synchronous = .full) throws -> PlainSQLite {
        let db = PlainSQLite(try fresh(name), synchronous)
        db.run(Workload.schema)
        return db
    }

    /// A new replica of a data set without a hub.
    func replica(_ name: String, of authority: Authority) throws -> Replica {
        try Replica.create(at: fresh(name + ".db"), enrolment: authority.enrol(name: name, displayName: name))
    }

    func size(_ path: String) throws -> Double {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
        return size?.doubleValue ?? 0
    }
}

/// What must be so for a figure to mean anything, and is not.
struct BrokenClaim: Error, CustomStringConvertible {
    let description: String
}

func check(_ condition: Bool, _ claim: @autoclosure () -> String) throws {
    if !condition { throw BrokenClaim(description: "it is not so that \(claim())") }
}
