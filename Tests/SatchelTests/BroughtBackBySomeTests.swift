import Foundation
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What comes back with a row that could not be shown without it (MRG-20, MRG-42).
@Suite final class BroughtBackBySomeTests: ReviewedWorld {
    private static func schema(_ policy: String) -> String {
        """
        -- satchel: reference contact (firm) cascade
        -- satchel: reference visit (contact) \(policy)
        CREATE TABLE firm(id TEXT PRIMARY KEY NOT NULL, name TEXT);
        CREATE TABLE contact(
          id TEXT PRIMARY KEY NOT NULL, firm TEXT NOT NULL REFERENCES firm(id) ON DELETE CASCADE, name TEXT);
        CREATE TABLE visit(
          id TEXT PRIMARY KEY NOT NULL, firm TEXT NOT NULL REFERENCES firm(id) ON DELETE CASCADE,
          contact TEXT REFERENCES contact(id) ON DELETE SET NULL, note TEXT);
        """
    }

    /// A firm was deleted with its contact and a visit to them, while another corrected the contact. The contact needs the firm, and
    /// brings back the visit, which keeps the firm: whoever had heard of the deletion first showed none of it.
    @Test(arguments: ["setNull", "cascade", "revive"], [true, false])
    func whatComesBackMayBeWhatTheRowNeeds_MRG20_MRG42(policy: String, atHub: Bool) throws {
        let (hub, devices) = try world(Self.schema(policy), "a", "b", "c")
        try run(
            devices[0],
            "INSERT INTO firm VALUES ('F', 'firm'); INSERT INTO contact VALUES ('C', 'F', 'Mr C'); "
                + "INSERT INTO visit VALUES ('V', 'F', 'C', 'with Mr C'), ('W', 'F', NULL, 'without')")
        try sync(hub, devices)
        try run(atHub ? hub.replica : devices[0], "DELETE FROM firm WHERE id = 'F'")
        try run(devices[1], "UPDATE contact SET name = 'Mr C junior'")
        try sync(hub, [devices[0], devices[1]])
        try sync(hub, devices)
        for replica in devices + [hub.replica] {
            #expect(
                try text(replica, "SELECT id FROM firm UNION SELECT id FROM contact UNION SELECT id FROM visit")
                    == "C F V W",
                "\(replica.name)")
            #expect(try replica.setAside().isEmpty && replica.conflicts().count == 2, "\(replica.name)")
        }
        #expect(try Set((devices + [hub.replica]).map { try $0.digest() }).count == 1)
    }
}
