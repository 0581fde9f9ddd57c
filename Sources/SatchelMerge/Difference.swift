/// What one text changed of another: runs of the old, each with what stands in its place.
struct Change: Hashable, Sendable {
    var old: Range<Int>
    var new: [ArraySlice<UInt8>]
}

/// The shortest way from one list of words to another: the greedy algorithm of E. W. Myers, "An O(ND) difference
/// algorithm and its variations", Algorithmica 1 (1986).
enum Difference {
    /// More changed words than this are not looked for: nobody could follow such a merge, and its cost is their square.
    static let limit = 1000

    /// The changes in order, no two of them touching; nil: there are more than `limit` words changed.
    /// O((words + changed) · changed) time, O(changed²) memory.
    static func changes(from old: [ArraySlice<UInt8>], to new: [ArraySlice<UInt8>]) -> [Change]? {
        var head = 0
        while head < min(old.count, new.count), old[head] == new[head] { head += 1 }
        var tail = 0
        while tail < min(old.count, new.count) - head, old[old.count - 1 - tail] == new[new.count - 1 - tail] {
            tail += 1
        }
        let (before, after) = (Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        if before.isEmpty || after.isEmpty {
            if before.isEmpty, after.isEmpty { return [] }
            guard before.count + after.count <= limit else { return nil }
            return [Change(old: head..<(head + before.count), new: after)]
        }
        guard abs(before.count - after.count) <= limit, let kept = common(before, after) else { return nil }
        var changes: [Change] = []
        var (x, y) = (0, 0)
        for pair in kept + [(before.count, after.count)] {
            if pair.0 > x || pair.1 > y {
                changes.append(Change(old: (head + x)..<(head + pair.0), new: Array(after[y..<pair.1])))
            }
            (x, y) = (pair.0 + 1, pair.1 + 1)
        }
        return changes
    }

    /// The places of a longest common subsequence, in order.
    private static func common(_ a: [ArraySlice<UInt8>], _ b: [ArraySlice<UInt8>]) -> [(Int, Int)]? {
        var numbers: [ArraySlice<UInt8>: Int32] = [:]
        func number(_ word: ArraySlice<UInt8>) -> Int32 {
            if let known = numbers[word] { return known }
            numbers[word] = Int32(numbers.count)
            return Int32(numbers.count - 1)
        }
        let (first, second) = (a.map(number), b.map(number))
        let most = min(first.count + second.count, limit)
        // reach[k + d]: how far along `a` the furthest path with d changes comes on the diagonal k.
        var trace: [[Int32]] = []
        var reach: [Int32] = [0]
        for d in 0...most {
            var next = Array(repeating: Int32(-1), count: 2 * d + 1)
            for k in stride(from: -d, through: d, by: 2) {
                var x: Int
                if d == 0 {
                    x = 0
                } else {
                    let left = k - 1 >= -(d - 1) ? Int(reach[k - 1 + d - 1]) : -1
                    let right = k + 1 <= d - 1 ? Int(reach[k + 1 + d - 1]) : -1
                    x = right > left ? right : left + 1
                }
                var y = x - k
                while x < first.count, y < second.count, first[x] == second[y] {
                    x += 1
                    y += 1
                }
                next[k + d] = Int32(x)
                if x >= first.count, y >= second.count { return walkBack(trace + [next], first.count, second.count) }
            }
            trace.append(next)
            reach = next
        }
        return nil
    }

    private static func walkBack(_ trace: [[Int32]], _ countA: Int, _ countB: Int) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        var (x, y) = (countA, countB)
        for d in stride(from: trace.count - 1, through: 0, by: -1) {
            let k = x - y
            var (fromX, fromY) = (0, 0)
            if d > 0 {
                let reach = trace[d - 1]
                let left = k - 1 >= -(d - 1) ? Int(reach[k - 1 + d - 1]) : -1
                let right = k + 1 <= d - 1 ? Int(reach[k + 1 + d - 1]) : -1
                let start = right > left ? (k + 1, right) : (k - 1, left)
                (fromX, fromY) = (start.1, start.1 - start.0)
            }
            // Back along the diagonal to where the step of this round came in.
            let entry = d == 0 ? 0 : (fromX - fromY > k ? fromX : fromX + 1)
            while x > entry {
                x -= 1
                y -= 1
                pairs.append((x, y))
            }
            (x, y) = (fromX, fromY)
        }
        return pairs.reversed()
    }
}
