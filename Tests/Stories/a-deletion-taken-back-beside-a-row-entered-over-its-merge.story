# Found by seed 12528601. Who took back a deletion answered what was asked about a row that stood beside its merge, since the deletion had
# taken along what was merged (MRG-47, MRG-55).
seed 12528601, schema net, a hub, 3 devices, checks 0 %
device 2 writes without checks: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n3', NULL, 'n3', NULL, 'n533')
device 2 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n1', 'n3', 'n1', NULL, 'n579')
device 2 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n2', NULL, 'n3', NULL, 'n781')
device 2 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', NULL, 'n0', 'n2', x'')
device 1 packs bundle 12 for the hub
device 1 writes without checks: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', NULL, 'n1', 'n3', 'n479')
bundle 12 arrives
device 1 packs bundle 13 for the hub
device 2 merges row 4 into row 0 of table 1, taking 5
device 3 packs bundle 14 for the hub
bundle 14 arrives
device 2 writes without checks: DELETE FROM "node" WHERE "id" = 'n1'
bundle 13 arrives
device 2 packs bundle 23 for the hub
bundle 23 arrives
the hub undoes deletion 5 and its changeset

