// swift-tools-version: 6.1
// A package of its own, so that users of Satchel never resolve what only the benchmark needs.

import PackageDescription

let package = Package(
    name: "satchel-bench",
    platforms: [.macOS(.v13)],
    dependencies: [
        .package(name: "satchel", path: ".."),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // SQLite's session extension, which the system's SQLite must have been built with (Debian's and Ubuntu's are).
        .target(
            name: "CSession",
            cSettings: [.define("SQLITE_ENABLE_SESSION"), .define("SQLITE_ENABLE_PREUPDATE_HOOK")],
            linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("z")]),
        .executableTarget(
            name: "SatchelBench",
            dependencies: [
                "CSession",
                .product(name: "Satchel", package: "satchel"), .product(name: "SatchelHub", package: "satchel"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]),
    ]
)
