import Foundation
import Testing

extension Commands {
    @Suite struct CSVTests {
        /// CLI-25.
        @Test func whatDumpWritesLoadReadsBackTheSame() throws {
            let world = try World()
            let csv = """
                id,name,phone,visits,photo,area\r
                a,"say ""hi"", twice",007,5,x'00ff',0.1\r
                b,"",,,,\r
                c,"x'00'","two
                lines",-9223372036854775808,5,9e999\r
                "",e,+86 138,1.5,"5",1e-300
                d,丁,"",abc,0.25,-7

                """
            try world.load("wang", "client", csv)
            let first = try world.satchel("dump", world["wang.db"], "client").output
            #expect(
                first == """
                    id,name,phone,visits,photo,area
                    "",e,+86 138,1.5,"5",1e-300
                    a,"say ""hi"", twice",007,5,x'00ff',0.1
                    b,"",,,,
                    c,"x'00'","two
                    lines",-9223372036854775808,5,9e999
                    d,丁,"",abc,0.25,-7.0

                    """)
            try world.load("li", "client", first)
            #expect(try world.satchel("dump", world["li.db"], "client").output == first)
            #expect(try world.digest("li.db") == world.digest("wang.db"), "in type and bytes")
            let rows = try #require(
                try world.satchel("dump", world["li.db"], "client", "--json").json["rows"] as? [[Any]])
            #expect(
                rows[2][1] as? String == "" && rows[2][2] is NSNull, "CLI-24: nothing and empty text are two things")
            #expect((rows[1][4] as? [String: String]) == ["blob": "00ff"], "CLI-6")
        }

        /// CLI-23.
        @Test func aRowWhoseKeyIsThereIsChangedOnlyWhereTheHeaderSaysSo() throws {
            let world = try World()
            try world.load("wang", "client", "id,name,phone\na,甲,1\nb,乙,2\n")
            let told = try world.satchel(
                "load", world["wang.db"], "client", "-", "--json", input: "phone,id\n9,b\n"
            ).json
            #expect(told["found"] as? Int == 1 && told["inserted"] as? Int == 0 && told["rows"] as? Int == 1)
            #expect(try world.satchel("dump", world["wang.db"], "client").output.contains("b,乙,9,"))
            try world.satchel("pack", world["wang.db"], "-o", world["up"])
            try world.hub("merge", world["hub"], world["up"])
            try world.load("wang", "client", "id,name,phone\na,甲,1\nb,乙,9\n")
            let pack = try world.satchel("pack", world["wang.db"], "-o", world["up"], "--json").json
            #expect(pack["changesets"] as? Int == 2, "the same values again are no change")
        }

        /// CLI-23.
        @Test(arguments: [
            ("client", "name\nx\n", "key"), ("client", "id,nome\na,x\n", "nome"), ("client", "id,name\na\n", "line 2"),
            ("client", "id,name\nb,x\na,\n", "line 3"), ("client", "id,name\na,\"x\n", "never closed"),
            ("client", "", "empty"), ("client", "id,id,name\na,a,x\n", "twice"), ("draft", "text\nx\n", "draft"),
            ("visit", "id,client_id\nv,nobody\n", "client"), ("client", "id,name\na,\"x\"y\n", "closing quote"),
        ])
        func aFileThatDoesNotFitIsUsageAndLoadsNothing(_ table: String, _ csv: String, _ word: String) throws {
            let world = try World(devices: ["wang"])
            try world.load("wang", "client", "id,name\nz,末\n")
            let before = try world.digest("wang.db")
            let outcome = try world.satchel("load", world["wang.db"], table, "-", expecting: 2, input: csv)
            #expect(outcome.error.contains(word), "\(outcome.error)")
            #expect(try world.digest("wang.db") == before)
        }
    }
}
