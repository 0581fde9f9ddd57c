import SatchelModel
import Testing

@testable import SatchelStore

/// The `-- satchel:` lines of a schema (SCH-11 to SCH-18).
@Suite struct DirectivesTests {
    @Test func theExampleOfTheProtocolIsRead() throws {
        let read = try Directives(
            """
            -- satchel: unit client.address (street, city, postcode)
            -- satchel: policy client.last_called lastWriter
            -- satchel: unit 客户.地址 (街道, "城 市") lastWriter
            -- satchel: stable product
            -- satchel: local draft
            -- satchel: note nothing at all
            CREATE TABLE client (id TEXT); -- satchel: nothing, after other text (SCH-11)
            """)
        #expect(
            read.units == [
                "client": [.init(name: "address", columns: ["street", "city", "postcode"], policy: .review)],
                "客户": [.init(name: "地址", columns: ["街道", "城 市"], policy: .lastWriter)],
            ])
        #expect(read.policies == ["client": ["last_called": .lastWriter]])
        #expect(read.stable == ["product"] && read.local == ["draft"])
    }

    @Test(arguments: [
        "-- satchel: unite a.b (c)", "-- satchel: unit a.b", "-- satchel: unit a.b ()", "-- satchel: unit a.b (c",
        "-- satchel: policy a.b mostRecent", "-- satchel: policy a.b lastWriter again", "-- satchel: local",
        "-- satchel:",
    ])
    func whatCannotBeReadIsRefusedWithItsLine(_ line: String) {
        let error = #expect(throws: SchemaError.self) { try Directives("CREATE TABLE t (id TEXT);\n" + line) }
        #expect(error?.description.contains("line 2") == true)
    }
}
