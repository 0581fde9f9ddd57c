// swift-tools-version: 6.1
// The map of the house: targets stand in the order in which a change travels through them, and the
// `dependencies` of each are exactly what it may import. `Sources/README.md` is the same map in words.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "satchel",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [
        .library(name: "Satchel", targets: ["Satchel"]),
        .library(name: "SatchelFieldwork", targets: ["SatchelFieldwork"]),
        .library(name: "SatchelHub", targets: ["SatchelHub"]),
        .library(name: "SatchelTesting", targets: ["SatchelTesting"]),
        .executable(name: "satchel", targets: ["SatchelTool"]),
        .executable(name: "satchel-hub", targets: ["SatchelHubTool"]),
        .executable(name: "satchel-demo", targets: ["SatchelDemo"]),
        .executable(name: "satchel-simulate", targets: ["SatchelSimulate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // The words and the rules. Pure: they import nothing, not even Foundation.
        .target(name: "SatchelModel"),
        .target(name: "SatchelMerge", dependencies: ["SatchelModel"]),

        // The three edges: bytes, disk, roads. None of them knows another.
        .target(
            name: "SatchelWire",
            dependencies: ["SatchelModel", "CZlib", .product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "SatchelStore",
            dependencies: [
                "SatchelModel", "CSatchelSQLite", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("satchel.sql")]),
        .target(name: "SatchelTransport", dependencies: ["SatchelModel"]),

        // What people import.
        .target(
            name: "Satchel",
            dependencies: [
                "SatchelModel", "SatchelMerge", "SatchelWire", "SatchelStore", "SatchelTransport",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "SatchelFieldwork",
            dependencies: ["Satchel", .product(name: "GRDB", package: "GRDB.swift")],
            resources: [.embedInCode("fieldwork.sql")]),
        .target(
            name: "SatchelHub",
            dependencies: [
                "Satchel", "SatchelMerge", "SatchelModel", "SatchelFieldwork", "SatchelStore", "SatchelTransport",
                "SatchelWire", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("hub.sql")]),
        // A world on a seed, for our tests and those of apps.
        .target(
            name: "SatchelTesting",
            dependencies: [
                "Satchel", "SatchelHub", "SatchelModel", "SatchelStore", "SatchelWire", "CFaultyDisk",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // The executables: one file per subcommand, no logic. How both speak is in a target of its own.
        .target(
            name: "SatchelCommands",
            dependencies: ["Satchel", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "SatchelTool",
            dependencies: [
                "Satchel", "SatchelCommands", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "SatchelHubTool",
            dependencies: [
                "Satchel", "SatchelHub", "SatchelFieldwork", "SatchelCommands",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "SatchelDemo",
            dependencies: ["Satchel", "SatchelHub", "SatchelFieldwork", .product(name: "GRDB", package: "GRDB.swift")]),

        .executableTarget(
            name: "SatchelSimulate",
            dependencies: ["SatchelTesting", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

        // Small C headers: what Swift cannot call itself.
        .target(name: "CSatchelSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // A disk that fails and a machine that loses its power, for SatchelTesting.
        .target(name: "CFaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),

        .testTarget(name: "SatchelModelTests", dependencies: ["SatchelModel"]),
        .testTarget(
            name: "SatchelMergeTests", dependencies: ["SatchelMerge", "SatchelModel", "SatchelTesting"]),
        .testTarget(name: "SatchelWireTests", dependencies: ["SatchelWire", "SatchelModel"]),
        .testTarget(
            name: "SatchelStoreTests",
            dependencies: [
                "SatchelStore", "SatchelModel", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "SatchelTests",
            dependencies: [
                "Satchel", "SatchelHub", "SatchelTesting", "SatchelModel", "SatchelStore", "SatchelTransport",
                "SatchelWire", "CFaultyDisk",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(
            name: "SatchelFieldworkTests",
            dependencies: ["SatchelFieldwork", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(name: "SatchelHubTests", dependencies: ["Satchel", "SatchelHub"]),
        .testTarget(
            name: "SatchelDemoTests",
            dependencies: [
                "SatchelDemo", "Satchel", "SatchelHub", "SatchelFieldwork",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "SatchelToolTests",
            dependencies: ["Satchel", "SatchelHub"]),
        .testTarget(name: "HouseTests"),
    ]
)

for target in package.targets where ![.system, .plugin].contains(target.type) && !target.name.hasPrefix("C") {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}
