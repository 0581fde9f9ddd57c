package import Satchel

/// What a bundle holds (CLI-21, CLI-22).
package struct BundleTold: Encodable {
    package struct StandingTold: Encodable {
        package let epoch: UInt64
        package let position: UInt64
    }

    package struct ReplyTold: Encodable {
        package let epoch: UInt64
        package let from: UInt64
        package let position: UInt64
        package let snapshot: Bool
    }

    package let file: String
    package let bytes: Int
    package let parts: Int
    package let kind: String
    package let dataSet: String
    package let bundle: String
    package let sender: String
    package let senderName: String
    @OrNull package var audience: String?
    package let made: String
    package let madeMs: Int64
    package let schema: String
    package let trust: String
    package let changesets: Int
    package let rows: Int
    package let contentBytes: Int
    package let stateRows: Int
    package let tables: [TableTold]
    @OrNull package var standing: StandingTold?
    @OrNull package var reply: ReplyTold?
    package let unsignedChangesets: Int

    package init(_ file: String, _ found: BundleInspection) {
        self.file = file
        bytes = found.bytes
        parts = found.parts
        kind =
            switch found.header.kind {
            case .up: "up"
            case .down: "down"
            case .sideways: "sideways"
            case .have: "have"
            }
        dataSet = found.header.dataSet.description
        bundle = found.header.bundle.description
        sender = found.header.sender.description
        senderName = found.senderName
        _audience = OrNull(wrappedValue: found.header.audience?.description)
        made = found.header.made.told
        madeMs = found.header.made.milliseconds
        schema = found.header.schema.bigEndianBytes.hex
        trust = found.isTrusted ? "hub" : "unchecked"
        changesets = found.changesets
        rows = found.rows
        contentBytes = found.contentBytes
        stateRows = found.stateRows
        tables = found.tables.sorted { $0.key < $1.key }.map { TableTold(table: $0.key, rows: $0.value) }
        _standing = OrNull(
            wrappedValue: found.standing.map { StandingTold(epoch: $0.epoch, position: $0.position) })
        _reply = OrNull(
            wrappedValue: found.reply.map {
                ReplyTold(epoch: $0.epoch, from: $0.from, position: $0.position, snapshot: $0.snapshot)
            })
        unsignedChangesets = found.unsignedChangesets
    }

    /// One line: whom it leads back to.
    package var trustLine: String {
        trust == "hub"
            ? "signed by \(senderName), who belongs to the data set"
            : "signed by the holder of the key that calls itself \(senderName); whether it belongs to the data set was "
                + "not checked: give --replica, --hub or --enrolment"
    }

    package var lines: [String] {
        var lines = [
            "\(file): \(kind), \(counted(bytes, "byte")) in \(counted(parts, "part")), made \(made)", trustLine,
            "sender \(sender), \(audience.map { "for \($0)" } ?? "for whoever holds the data set")",
            "data set \(dataSet)",
        ]
        if changesets > 0 {
            lines.append(
                "\(counted(changesets, "changeset")), \(counted(rows, "row")), \(counted(contentBytes, "byte")) unpacked"
            )
        }
        if let reply {
            lines.append("the hub's state from \(reply.from) to \(reply.position)\(reply.snapshot ? ", whole" : "")")
        }
        if let standing { lines.append("the sender stands at \(standing.position)") }
        return lines + tables.map { "  \($0.table): \(counted($0.rows, "row"))" }
    }
}
