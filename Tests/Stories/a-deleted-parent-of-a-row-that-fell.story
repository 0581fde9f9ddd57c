# A row that falls by cascade, though nothing was written to it, was all that kept a deleted parent: the parent goes too
# (MRG-20, MRG-40). It stayed in the table of whoever had shown it, and nowhere else.
seed 1, schema net, no hub, 3 devices, checks 20 %
device 1 writes without checks: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', NULL, NULL, NULL, 1)
device 1 writes without checks: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n1', NULL, NULL, NULL, 1)
device 1 packs bundle 1 for device 2
device 1 packs bundle 2 for device 3
bundle 1 arrives
bundle 2 arrives
device 1 writes without checks: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n2', 'n1', 'n0', NULL, 1)
device 2 writes without checks: DELETE FROM "node" WHERE "id" = 'n1'
device 2 packs bundle 3 for device 1
bundle 3 arrives
device 3 writes without checks: DELETE FROM "node" WHERE "id" = 'n0'
device 3 packs bundle 4 for device 1
bundle 4 arrives
