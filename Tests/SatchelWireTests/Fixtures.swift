import Foundation
import SatchelModel
import SatchelWire

/// SplitMix64 (Steele and others, 2014): the same numbers for the same seed everywhere.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var words = [UInt64](repeating: 0, count: count / 8 + 1)
        for index in words.indices { words[index] = next().littleEndian }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func uuid() -> String {
        let hex = Array(bytes(16).hex)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }.joined(separator: "-")
    }

    /// About `count` characters of Chinese, in words of a skewed vocabulary with punctuation and numbers.
    mutating func note(_ count: Int) -> String {
        var text = ""
        while text.count < count {
            let rank = number(0..<50) * number(0..<50)
            if number(0..<14) == 0 { text += String(number(1..<9999)) } else { text += Self.vocabulary[rank] }
            if number(0..<7) == 0 { text += ["，", "。", "；"][number(0..<3)] }
        }
        return text
    }

    private static let vocabulary: [String] = {
        var random = Seeded(state: 7)
        let characters = Array(
            "工作业务数据系统方案计划项目实施进度成本利润市场区域渠道代理分销终端网点设备配件材料原料加工生产线班组人员车间检测标准认证环境安全消防卫生许可登记备案流程表单记录汇总统计分析报告会议通知安排协调沟通处理解决回复意见结果完成情况正常异常更新维护升级版本"
        )
        return (0..<2500).map { _ in
            (0..<[2, 2, 2, 3][random.number(0..<4)])
                .map { _ in String(characters[random.number(0..<characters.count)]) }.joined()
        }
    }()
}

/// A data set with a hub and a device, the same in every run.
struct World {
    let dataSet = sha256(Array("a data set for tests".utf8))
    let hub = World.key(1)
    let token = World.key(2)
    let device = World.key(3)
    let stranger = World.key(4)
    let incarnation = Array(repeating: UInt8(0x42), count: 16)
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("wire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    static func key(_ seed: UInt8) -> SigningKey {
        guard let key = try? SigningKey(raw: Array(repeating: seed, count: 32)) else {
            fatalError("32 bytes are a key")
        }
        return key
    }

    var grant: Grant {
        .issue(dataSet: dataSet, tokenKey: token.publicKey, name: "李娜", scopes: ["north", "east"], hubKey: hub)
    }

    var certificate: Certificate {
        .issue(grant: grant, token: token, device: device, incarnation: incarnation)
    }

    var origin: OriginID { certificate.origin(dataSet: dataSet) }

    func header(_ kind: BundleKind = .up, bundle: UInt64 = 9) -> BundleHeader {
        BundleHeader(
            kind: kind, dataSet: dataSet, bundle: OriginID(high: bundle, low: 1), sender: origin, audience: nil,
            made: Timestamp(milliseconds: 1_717_230_600_000), schema: 0x0102_0304_0506_0708)
    }

    func file(_ name: String) -> String { directory.appendingPathComponent(name).path }

    @discardableResult
    func write(
        _ items: [BundleItem], to name: String, header: BundleHeader? = nil, key: SigningKey? = nil
    ) throws -> Int {
        let writer = try BundleWriter(
            path: file(name), header: header ?? self.header(), certificate: certificate.encoded, key: key ?? device)
        for item in items { try writer.append(item) }
        return try writer.finish()
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

    func put(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: file(name))) }

    /// Checks and reads a bundle as a peer that knows the hub's key.
    func read(_ name: String) throws -> [BundleItem] { try read(path: file(name)) }

    func read(path: String) throws -> [BundleItem] {
        let bundle = try verify(path: path)
        var items: [BundleItem] = []
        try bundle.forEach { items.append($0) }
        return items
    }

    func verify(_ name: String) throws -> VerifiedBundle { try verify(path: file(name)) }

    func verify(path: String) throws -> VerifiedBundle {
        try UnverifiedBundle(path: path).verify { header, certificate in
            try certificate.verify(hubKey: hub.publicKey, dataSet: dataSet)
            guard header.dataSet == dataSet else { throw WireError.untrusted("another data set") }
            return certificate.deviceKey
        }
    }

    func head(_ sequence: UInt64 = 1, previous: Hash256 = .zero, rows: UInt32 = 0) -> ChangesetHeader {
        ChangesetHeader(
            origin: origin, sequence: sequence, previous: previous,
            clock: CausalClock(epoch: 3, position: 812_345, others: VersionVector()),
            time: Timestamp(milliseconds: 1_717_230_600_123), reading: Timestamp(milliseconds: 1_717_230_600_100),
            offset: -23, actor: "u017", note: "", schema: 0x0102_0304_0506_0708, rows: rows, content: .zero,
            contentLength: 0)
    }
}

/// Contents for the tests.
enum Samples {
    static let edges: [Value] = [
        .null, .integer(.min), .integer(.max), .integer(0), .integer(-1), .real(0), .real(-0.0), .real(.infinity),
        .real(-.infinity), .real(.leastNonzeroMagnitude), .real(.greatestFiniteMagnitude), .real(31.230416),
        .real(0.1 + 0.2), .text(""), .text("中文\u{0}e\u{301}"), .text([0xFF, 0xC0, 0x80]), .blob([]),
        .blob([0, 1, 255]),
        .text("0190163d-8694-739b-aea5-966c26f8ad91"), .text("0190163D-8694-739b-aea5-966c26f8ad91"),
        .text("2024-02-29T08:30:00Z"), .text("2023-02-29T08:30:00Z"), .text("2024-06-01 08:30:00"), .integer(1),
        .real(1),
    ]

    static func dot(_ number: UInt64) -> Dot {
        Dot(origin: OriginID(high: number % 3, low: 77), sequence: number + 1, tag: number &* 0x9E37_79B9_7F4A_7C15)
    }

    /// One insert with every edge value and one deletion.
    static func small() -> Content {
        Content(
            dots: (0..<4).map(dot),
            sections: [
                Section(
                    table: "visit", keyColumns: ["id"],
                    keys: [ValueColumn(edges.indices.map { Value.integer(Int64($0)) })],
                    rows: edges.count, existence: DotLists(),
                    units: [
                        UnitPart(name: "note", columns: ["note"], values: [ValueColumn(edges)], replaced: DotLists()),
                        UnitPart(
                            name: "place", columns: ["latitude", "longitude"],
                            values: [
                                ValueColumn(edges.indices.map { Value.real(22 + Double($0) / 1_000_000) }),
                                ValueColumn(edges.reversed()),
                            ],
                            replaced: DotLists(
                                counts: edges.indices.map { $0 == 3 ? 2 : 0 }, dots: [3, 0])),
                    ], deletionsReplaced: DotLists(), cover: nil, ages: edges.indices.map { UInt64($0 * 1000) }),
                Section(
                    table: "client", keyColumns: ["region", "number"],
                    keys: [
                        ValueColumn([.text("north"), .text("e\u{301}")]), ValueColumn([.integer(1), .integer(2)]),
                    ],
                    rows: 2, existence: nil, units: [], deletionsReplaced: DotLists(counts: [0, 1], dots: [2]),
                    cover: CoverLists(
                        names: ["", "name", "\u{e9}", "e\u{301}"].map { UnitName($0) }, counts: [2, 1],
                        units: [0, 3, 2], dots: [0, 1, 3]),
                    ages: [0, .max]),
                Section(
                    table: "client", keyColumns: ["region", "number"],
                    keys: [ValueColumn([.text("south")]), ValueColumn([.integer(3)])],
                    rows: 1, existence: nil, units: [], deletionsReplaced: DotLists(),
                    cover: CoverLists(
                        names: [UnitName(""), UnitName(name: "name", columns: ["a", "b"])], counts: [2], units: [0, 1],
                        dots: [0, 1]),
                    into: [ValueColumn([.text("north")]), ValueColumn([.integer(1)])], ages: [5]),
            ])
    }

    static func state() -> StateSection {
        StateSection(
            table: "client", keyColumns: ["id"],
            units: [
                .init(name: "name", columns: ["name"], values: [ValueColumn([.text("恒达"), .text("瑞丰")])]),
                .init(
                    name: "place", columns: ["lat", "lon"],
                    values: [ValueColumn([.real(31.230416), .null]), ValueColumn([.real(121.473701), .null])]),
            ],
            keys: [ValueColumn([.text("a"), .text("b")])], rows: 2, base: [0, 1],
            overrides: [.init(row: 0, unit: 1, dot: 2)],
            detailed: [
                .init(
                    key: RowKey([.text("c")]),
                    state: RowState(
                        units: [
                            UnitState(unit: 0, candidates: [Candidate(dot: 0, values: [])]),
                            UnitState(
                                unit: 1,
                                candidates: [
                                    Candidate(dot: 1, values: [.text("甲")]), Candidate(dot: 2, values: [.text("乙")]),
                                ]),
                        ],
                        deletions: [
                            Deletion(dot: 2, cover: [], into: RowKey([.text("a")])),
                            Deletion(dot: 3, cover: [Covered(unit: 0, dot: 0), Covered(unit: 1, dot: 1)]),
                        ])),
                .init(
                    key: RowKey([.integer(5)]),
                    state: RowState(units: [
                        UnitState(unit: 2, candidates: [Candidate(dot: 3, values: [.real(-0.0), .blob([])])])
                    ])),
            ],
            gone: [RowKey([.text("d")]), RowKey([.blob([1])])])
    }

    static func known() -> [KnownDot] {
        (0..<4).map {
            KnownDot(dot: dot($0), time: Timestamp(milliseconds: Int64($0) - 2), actor: $0 == 1 ? "李娜" : "")
        }
    }

    /// An order to erase one row whole and a unit of another.
    static func order() -> ErasureOrder {
        ErasureOrder(
            id: Array(0..<16), epoch: 3, position: 812_345, earlier: [HubPoint(epoch: 2, position: 7)],
            time: Timestamp(milliseconds: -2), salt: Array(repeating: 7, count: 32), followsReferences: true,
            parts: [
                .init(table: "client", units: [], rows: [Array(16..<32), Array(repeating: 0, count: 16)]),
                .init(
                    table: "visit",
                    units: [.init(name: "place", columns: ["lat", "lon"], blank: [.null, .text("")])],
                    rows: [Array(repeating: 255, count: 16)]),
            ])
    }
}
