import Foundation
import SatchelModel
import SatchelStore
import Testing

/// What a schema file may say, and what is refused with its line (SCH-3 to SCH-18).
@Suite struct SchemaDirectivesTests {
    static let tables = """
        CREATE TABLE client(id TEXT PRIMARY KEY, street TEXT, city TEXT, phone TEXT, full AS (street || city));
        CREATE TABLE product(number INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE pair(a TEXT, b TEXT, v, PRIMARY KEY(a, b));
        CREATE TABLE draft(text TEXT);
        CREATE TABLE cache(id TEXT PRIMARY KEY, v);
        """

    /// Makes a replica of the schema and returns its tables.
    private func made(_ sql: String) throws -> Schema {
        let path = NSTemporaryDirectory() + "satchel-schema-" + UUID().uuidString
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        return Schema(tables: try Store.create(at: path, schema: sql, randomSeed: 1).peoplesLayouts.map(\.schema))
    }

    private func refusal(_ sql: String) -> String {
        do {
            _ = try made(sql)
            return ""
        } catch let error as SchemaError {
            return error.description
        } catch {
            return "not a SchemaError: \(error)"
        }
    }

    @Test(arguments: [
        "CREATE TABLE t(id TEXT PRIMARY KEY, \"caf\u{e9}\", \"cafe\u{301}\");",
        "CREATE TABLE \"caf\u{e9}\"(id TEXT PRIMARY KEY); CREATE TABLE \"cafe\u{301}\"(id TEXT PRIMARY KEY);",
        "-- satchel: unit t.caf\u{e9} (a)\n-- satchel: unit t.cafe\u{301} (b)\nCREATE TABLE t(id TEXT PRIMARY KEY, a, b);",
    ]) func namesThatLookAlikeAreRefused_SCH4(sql: String) {
        let told = refusal(sql)
        #expect(told.contains("composed") || told.contains("two units"), "\(told)")
    }

    @Test func unitsPoliciesAndNamesAreReadAsWritten_SCH8_SCH9_SCH12_SCH13() throws {
        let schema = try made(
            """
            -- satchel: stable product
            --satchel:unit client.address(street,city)lastWriter
              -- satchel: policy "client" . "phone"  lastWriter \u{20}
            -- satchel: local cache
            -- satchel: note anything (at, all "
            SELECT 1; -- satchel: after other text this is a remark
            \(Self.tables)
            """)
        let client = try #require(schema.table("client"))
        #expect(client.units.map(\.name) == ["address", "phone"])
        #expect(client.units.map(\.policy) == [.lastWriter, .lastWriter])
        #expect(client.units.map { $0.columns.map { client.columns[$0].name } } == [["street", "city"], ["phone"]])
        #expect(schema.tables.map(\.name) == ["client", "pair", "product"])
    }

    @Test func linesMayEndInCRAndLF_SCH11() throws {
        let sql = "-- satchel: stable product\n-- satchel: unit client.a (street, city)\n" + Self.tables
        let windows = String(sql.flatMap { $0 == "\n" ? "\r\n" : String($0) })
        #expect(try made(windows).table("client")?.units.map(\.name) == ["a", "phone"])
    }

    @Test func quotedNamesHoldAnything_SCH12() throws {
        let schema = try made(
            #"-- satchel: unit "a ""b"" .c"."u (1), 2" ("x ""y", 列)"# + "\n"
                + #"CREATE TABLE "a ""b"" .c"(id TEXT PRIMARY KEY, "x ""y", 列, "q\#u{301}");"#)
        #expect(schema.tables[0].name == #"a "b" .c"#)
        #expect(schema.tables[0].units.map(\.name) == ["u (1), 2", "q\u{301}"])
    }

    @Test(arguments: [
        ("", "a directive is missing"), ("frobnicate client", "unknown directive “frobnicate”"),
        ("policy client.phone newest", "unknown policy “newest”"), ("policy client.phone mostRecent", "unknown policy"),
        ("policy client.phone counter", "declare it INTEGER"), ("unit client.a (street, city) text", "text is for one"),
        ("unit client.a (street, city) set", "set is for one"), ("appendOnly", "a name is missing"),
        ("appendOnly nothing", "there is no table nothing"), ("appendOnly client.phone", "left over"),
        ("policy client.phone", "unknown policy “”"), ("policy client.phone review twice", "left over"),
        ("unit client.a (street) review x", "left over"), ("stable product please", "left over"),
        ("local cache,", "left over"), ("unit client (street)", "“TABLE.NAME” is expected"),
        ("unit client.a street", "a list in parentheses"), ("unit client.a (street", "“,” or “)” is expected"),
        ("unit client.a ()", "a name is missing"), ("unit client.\"a (street)", "does not end"),
        ("unit client.\"\" (street)", "a name is empty"), ("unit \"\".a (street)", "a name is empty"),
        ("unit client.a (\"\")", "a name is empty"), ("local \"\"", "a name is empty"),
        ("unit client.1a (street)", "needs double quotes"), ("unit client.$a (street)", "needs double quotes"),
        ("unit client.a-b (street)", "a list in parentheses"),
        ("unit nobody.a (street)", "there is no table nobody"), ("policy nobody.a review", "there is no table nobody"),
        ("local nobody", "there is no table nobody"), ("stable nobody", "there is no table nobody"),
        ("local Cache", "there is no table Cache"), ("unit client.a (nothing)", "column nothing"),
        ("unit client.a (Street)", "column Street"), ("unit client.a (full)", "column full"),
        ("unit client.a (id)", "in the key"), ("unit pair.u (v, b)", "in the key"),
        ("unit client.a (street, street)", "in two units"),
        ("unit client.phone (street, city)", "like a column outside"),
        ("unit client.id (street)", "like a column outside"),
        ("policy client.id review", "not a column that is a unit"),
        ("policy client.full review", "not a column that is a unit"),
        ("policy client.nothing review", "not a column that is a unit"),
        ("stable pair", "has no INTEGER PRIMARY KEY"), ("stable client", "has no INTEGER PRIMARY KEY"),
        ("stable draft", "local or has no primary key"), ("policy draft.text review", "local or has no primary key"),
    ])
    func aDirectiveThatCannotHoldIsRefusedWithItsLine_SCH14(words: String, complaint: String) {
        let told = refusal("-- satchel: stable product\n\n-- satchel: \(words)\n" + Self.tables)
        #expect(told.contains(complaint) && told.hasPrefix("line 3 of the schema: "), "\(words): \(told)")
    }

    @Test(arguments: [
        ("unit client.a (street)", "unit client.b (street)", "in two units"),
        ("unit client.a (street)", "unit client.a (city)", "are called a"),
        ("unit client.a (street)", "policy client.street lastWriter", "is in a unit"),
        ("unit client.a (street)", "policy client.a lastWriter", "not a column that is a unit"),
        ("unit client.street (street, city)", "policy client.street lastWriter", "is in a unit"),
        ("policy client.phone review", "policy client.phone review", "given twice"),
        ("policy client.phone review", "policy \"client\".\"phone\" lastWriter", "given twice"),
        ("local cache", "policy cache.v review", "local or has no primary key"),
        ("local cache", "unit cache.u (v)", "local or has no primary key"),
    ])
    func directivesThatContradictEachOtherAreRefused_SCH14(one: String, two: String, complaint: String) {
        let told = refusal("-- satchel: stable product\n-- satchel: \(one)\n-- satchel: \(two)\n" + Self.tables)
        #expect(told.contains(complaint) && told.hasPrefix("line 3 of the schema: "), "\(told)")
    }

    @Test(arguments: ["policy Client.phone max", "policy client.Phone max", "stable Product", "appendOnly PAIR"])
    func namesAreSpelledAsTheStatementSpellsThem_SCH10(words: String) throws {
        let told = refusal("-- satchel: \(words)\n-- satchel: stable product\n" + Self.tables)
        #expect(told.hasPrefix("line 1 of the schema: "), "\(told)")
        let right = words.split(separator: " ").enumerated().map { $0 == 1 ? $1.lowercased() : String($1) }
        let stable = right == ["stable", "product"] ? "" : "-- satchel: stable product\n"
        #expect(refusal("-- satchel: \(right.joined(separator: " "))\n" + stable + Self.tables) == "")
    }

    @Test func whatTravelsIsTheSpellingOfTheStatementAndOfTheUnitsDirective_SCH10() throws {
        let schema = try made(
            "-- satchel: unit Kunde.Adresse (Straße)\nCREATE TABLE Kunde(ID TEXT PRIMARY KEY, Straße TEXT, oRT TEXT);")
        #expect(schema.tables.map(\.name) == ["Kunde"])
        #expect(schema.tables[0].columns.map(\.name) == ["ID", "Straße", "oRT"])
        #expect(schema.tables[0].units.map(\.name) == ["Adresse", "oRT"])
    }

    @Test func naturalKeysAndSimilarityAreReadAsWritten_SCH25_SCH26() throws {
        let schema = try made(
            """
            -- satchel: stable product
            -- satchel: naturalKey client (phone)
            -- satchel: naturalKey client ("city", street)
            -- satchel: similar client (street, phone)
            \(Self.tables)
            """)
        let client = try #require(schema.table("client"))
        #expect(client.naturalKeys == [[3], [2, 1]] && client.similar == [1, 3])
        #expect(schema.table("pair")?.naturalKeys == [] && schema.table("pair")?.similar == [])
    }

    @Test(arguments: [
        ("naturalKey client (tel)", "no column tel"), ("naturalKey client (full)", "or it is generated"),
        ("naturalKey client (city, city)", "named twice"), ("similar client (city, city)", "named twice"),
        ("naturalKey clients (city)", "there is no table"), ("naturalKey draft (text)", "local or has no primary key"),
        ("similar client", "a list in parentheses"), ("naturalKey client.city (city)", "a list in parentheses"),
        ("similar client (city) review", "left over"),
        ("similar client (city)\n-- satchel: similar client (street)", "said twice"),
    ])
    func whatIsSaidOfDuplicatesAndCannotBeMeantIsRefused_SCH14_SCH25_SCH26(words: String, complaint: String) {
        let told = refusal("-- satchel: stable product\n-- satchel: \(words)\n" + Self.tables)
        #expect(told.contains(complaint) && told.contains("of the schema: "), "\(told)")
    }

    @Test func aLocalTableMayBeStableNeither_SCH14() {
        let told = refusal("-- satchel: stable product\n-- satchel: local product\n" + Self.tables)
        #expect(told.contains("local or has no primary key"))
        #expect(refusal("-- satchel: local product\n-- satchel: local draft\n" + Self.tables) == "")
    }

    @Test func numbersThatSQLiteHandsOutAreNoKeys_SCH3() {
        #expect(refusal(Self.tables).contains("table product has an INTEGER PRIMARY KEY"))
        #expect(refusal("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT)").contains("INTEGER PRIMARY KEY"))
        #expect(refusal("CREATE TABLE t(id INTEGER PRIMARY KEY) WITHOUT ROWID") == "")
        #expect(refusal("CREATE TABLE t(id INTEGER PRIMARY KEY DESC)") == "", "this one is no rowid")
        #expect(refusal("CREATE TABLE t(id INT PRIMARY KEY)") == "")
    }

    @Test(arguments: [
        "CREATE TABLE satchel_notes(id TEXT PRIMARY KEY)", "CREATE TABLE \"Satchel_x\"(id TEXT)",
        "CREATE TABLE t(id TEXT PRIMARY KEY, v); CREATE INDEX satchel_by_v ON t(v)",
        "CREATE VIEW SATCHEL_v AS SELECT 1",
        "CREATE TABLE t(id TEXT PRIMARY KEY); CREATE TRIGGER satchel_t AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE satchel_meta(name, value)",
    ])
    func reservedNamesAreRefused_SCH4(sql: String) {
        #expect(refusal(sql).contains("a name that Satchel keeps for itself"))
    }

    @Test func namesAreBounded_SCH4() {
        let longest = String(repeating: "x", count: 255)
        let name = String(repeating: "客", count: 85)
        #expect(refusal("CREATE TABLE \(longest)(id TEXT PRIMARY KEY, \(name) TEXT)") == "")
        #expect(refusal("CREATE TABLE \(longest)x(id TEXT PRIMARY KEY)").contains("more than 255 bytes"))
        #expect(refusal("CREATE TABLE t(id TEXT PRIMARY KEY, \(name)x TEXT)").contains("more than 255 bytes"))
        let unit = "-- satchel: stable product\n-- satchel: unit client.\(longest)x (city)\n" + Self.tables
        #expect(refusal(unit).contains("more than 255 bytes"))
    }

    @Test func aNameThatOnlyBeginsAlikeIsFree_SCH4() {
        #expect(refusal("CREATE TABLE satchels(id TEXT PRIMARY KEY); CREATE TABLE satchelX(id TEXT PRIMARY KEY)") == "")
    }

    @Test(arguments: [
        ("REFERENCES cache(id)", "names cache, which is not a synced table"),
        ("REFERENCES nowhere(id)", "names nowhere, which is not a synced table"),
        ("REFERENCES draft(text)", "names draft, which is not a synced table"),
        ("REFERENCES client(phone)", "columns of client that are not its primary key"),
        ("REFERENCES pair(a)", "columns of pair that are not its primary key"),
        ("REFERENCES client(id)", ""), ("REFERENCES CLIENT", ""), ("REFERENCES t", ""), ("REFERENCES t(ID)", ""),
    ])
    func aReferenceIsToTheWholeKeyOfASyncedTable_SCH6(clause: String, complaint: String) {
        let told = refusal(
            "-- satchel: stable product\n-- satchel: local cache\n" + Self.tables
                + "CREATE TABLE t(id TEXT PRIMARY KEY, other TEXT \(clause));")
        #expect(complaint.isEmpty ? told.isEmpty : told.contains(complaint), "\(told)")
    }

    @Test func aReferenceMayNameAKeyInAnyOrder_SCH6() {
        let sql = "-- satchel: local product\n" + Self.tables
        #expect(
            refusal(
                sql + "CREATE TABLE t(id TEXT PRIMARY KEY, x TEXT, y TEXT, FOREIGN KEY(x, y) REFERENCES pair(b, a));")
                == "")
        #expect(
            refusal(
                sql + "CREATE TABLE t(id TEXT PRIMARY KEY, x TEXT, y TEXT, FOREIGN KEY(x, y) REFERENCES pair(b, v));"
            )
            .contains("not its primary key"))
        #expect(
            refusal(sql + "\n-- satchel: local l\nCREATE TABLE l(id TEXT PRIMARY KEY, c REFERENCES cache(v));") == "",
            "what is local is nobody's business")
    }

    @Test func uniqueOverWhatTriggersCannotWatchIsRefused_SCH6() {
        for sql in [
            "CREATE TABLE t(id TEXT PRIMARY KEY, v); CREATE UNIQUE INDEX i ON t(lower(v))",
            "CREATE TABLE t(id TEXT PRIMARY KEY, v, g AS (v || '!') UNIQUE)",
            "CREATE TABLE t(id TEXT PRIMARY KEY, v, g AS (v || '!') STORED); CREATE UNIQUE INDEX i ON t(v, g)",
        ] { #expect(refusal(sql).contains("which triggers cannot watch"), "\(sql)") }
        #expect(refusal("CREATE TABLE t(id TEXT PRIMARY KEY, v); CREATE INDEX i ON t(lower(v))") == "")
    }

    @Test(arguments: [
        ("INSERT INTO t VALUES ('a', 1), ('b', 2);", "enters 2 rows into table t"),
        ("REPLACE INTO l VALUES ('x'); UPDATE l SET v = 'y';", "enters 1 rows into table l"),
        ("CREATE TABLE s AS SELECT 1 AS v;", "enters 1 rows into table s"),
        ("CREATE TABLE s AS SELECT v FROM t;", ""), ("INSERT INTO t VALUES ('a', 1); DELETE FROM t;", ""),
        ("CREATE TABLE n(id TEXT PRIMARY KEY, k INTEGER, v AS (k + 1)); CREATE VIRTUAL TABLE f USING fts5(x);", ""),
    ]) func aSchemaThatEntersRowsIsRefused_SCH1(sql: String, reason: String) {
        let told = refusal("CREATE TABLE t(id TEXT PRIMARY KEY, v); CREATE TABLE l(v); " + sql)
        #expect(reason.isEmpty ? told.isEmpty : told.contains(reason), "\(told)")
    }

    @Test func nothingIsLeftOfARefusedSchema_SCH1() throws {
        let path = NSTemporaryDirectory() + "satchel-schema-" + UUID().uuidString
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        #expect(throws: SchemaError.self) {
            try Store.create(at: path, schema: "CREATE TABLE t(id INTEGER PRIMARY KEY)", randomSeed: 1)
        }
        #expect(throws: StoreError.self) { try Store.open(at: path) }
    }

    @Test func referencesHaveTheirPolicyByTheirColumns_SCH12_SCH27() throws {
        let schema = try made(
            """
            -- satchel: reference child (b, a) setNull
            -- satchel: reference child (up) cascade
            CREATE TABLE pair(a TEXT, b TEXT, PRIMARY KEY(a, b));
            CREATE TABLE child(id TEXT PRIMARY KEY, a TEXT, b TEXT, up TEXT REFERENCES child(id),
              other TEXT REFERENCES child, FOREIGN KEY (a, b) REFERENCES pair(a, b));
            """)
        let references = schema.table("child")?.references ?? []
        let told = references.map { reference in
            reference.columns.map { schema.table("child")?.columns[$0].name ?? "" }.joined() + " \(reference.policy)"
        }
        #expect(told.sorted() == ["ab setNull", "other revive", "up cascade"])
    }

    @Test(arguments: [
        ("reference child (b) cascade", "(b) are not the columns of one foreign key of table child"),
        ("reference child (a, b, b) cascade", "(a, b, b) are not the columns of one foreign key of table child"),
        ("reference child (twice) cascade", "(twice) are not the columns of one foreign key of table child"),
        ("reference pair (a) cascade", "(a) are not the columns of one foreign key of table pair"),
        ("reference child (up) restrict", "unknown policy “restrict”; known are revive, cascade, setNull"),
        ("reference child (up)", "unknown policy “”; known are revive, cascade, setNull"),
        ("reference child up cascade", "a list in parentheses is expected"),
        ("reference child (up) cascade\n-- satchel: reference child (up) revive", "is given twice"),
        ("reference child (must) setNull", "child.must is in the key or NOT NULL, so it cannot be shown as NULL"),
        ("reference child (id) setNull", "child.id is in the key or NOT NULL, so it cannot be shown as NULL"),
        ("reference child (a, b) setNull", "child.a is in another foreign key too, so it cannot be shown as NULL"),
        ("reference child (live) setNull", "the condition of a UNIQUE index names child.live"),
        ("reference nowhere (a) cascade", "there is no table nowhere"),
    ]) func referencesThatCannotBeSoAreRefusedWithTheirLine_SCH14_SCH27_SCH28(directive: String, message: String) {
        let told = refusal(
            """
            CREATE TABLE pair(a TEXT, b TEXT, PRIMARY KEY(a, b));
            CREATE TABLE one(id TEXT PRIMARY KEY);
            CREATE TABLE child(id TEXT PRIMARY KEY REFERENCES one(id), a TEXT REFERENCES one(id), b TEXT,
              up TEXT REFERENCES child(id), must TEXT NOT NULL REFERENCES one(id), live TEXT REFERENCES one(id),
              twice TEXT REFERENCES one(id) REFERENCES child(id), FOREIGN KEY (a, b) REFERENCES pair(a, b));
            CREATE UNIQUE INDEX some ON child(b) WHERE live IS NOT NULL;
            -- satchel: \(directive)
            """)
        let line = directive.contains("\n") ? 8 : 7
        #expect(told.hasPrefix("line \(line) of the schema: ") && told.contains(message), "\(told)")
    }

    @Test(arguments: [
        ("n INTEGER", "counter", true), ("n INT8", "counter", true), ("n NUMERIC", "counter", true),
        ("n", "counter", true),
        ("n REAL", "counter", false), ("n TEXT", "counter", false), ("n TEXT", "set", true),
        ("n VARCHAR(9)", "text", true),
        ("n", "set", true), ("n BLOB", "text", true), ("n INTEGER", "set", false), ("n NUMERIC", "text", false),
        ("n REAL", "max", true), ("n INTEGER", "min", true), ("n BLOB", "immutable", true),
        ("n DATE", "lastWriter", true),
    ]) func aColumnHoldsWhatItsPolicyWrites_SCH15(column: String, policy: String, fits: Bool) throws {
        let sql = "CREATE TABLE t(id TEXT PRIMARY KEY, \(column));\n-- satchel: policy t.n \(policy)"
        if fits {
            #expect(try made(sql).table("t")?.units.map(\.policy.rawValue) == [policy])
        } else {
            #expect(throws: SchemaError.self) { try made(sql) }
        }
    }

    @Test func aLogHasNoOtherPolicy_SCH15_SCH17() throws {
        let table = "CREATE TABLE t(id TEXT PRIMARY KEY, n);\n-- satchel: appendOnly t\n"
        #expect(try made(table).table("t")?.appendOnly == true)
        #expect(throws: SchemaError.self) { try made(table + "-- satchel: policy t.n max") }
        #expect(throws: SchemaError.self) { try made("CREATE TABLE t(n);\n-- satchel: appendOnly t") }
    }
}
