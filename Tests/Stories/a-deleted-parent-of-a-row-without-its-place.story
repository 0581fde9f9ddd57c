# Found by seed 13001268. A row that loses its unique place to an older one was all that kept a deleted parent: the parent
# goes with it (MRG-22, MRG-40).
seed 13001268, schema net, no hub, 3 devices, checks 20 %
device 2 packs bundle 5 for device 1
device 3 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', NULL, NULL, NULL, 1)
device 3 is copied as device 4
device 4 writes without checks: DELETE FROM "node" WHERE "id" = 'n0'
device 4 packs bundle 11 for device 1
device 2 writes without checks: INSERT OR REPLACE INTO "slot" ("id", "code", "tag", "low", "high", "node") VALUES ('s1', 1, 2, 1, 9223372036854775807, NULL)
device 2 packs bundle 13 for device 4
device 4 packs bundle 16 for device 1
device 3 writes without checks: INSERT OR REPLACE INTO "slot" ("id", "code", "tag", "low", "high", "node") VALUES ('s0', 1, NULL, 2, 9223372036854775807, 'n0')

