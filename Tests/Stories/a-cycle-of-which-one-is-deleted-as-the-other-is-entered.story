# Found by seed 15034586. Of two clients in a cycle of merges the one that was left is deleted, and the other entered, in one seal (MRG-10, MRG-56).
seed 15034586, schema growing, a hub, 2 devices, checks 0 %
device 2 moves to the next version of the schema
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c0', 2, '', 'n843', 4, 9223372036854775807)
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c1', 'n537', 'é', 'n1', 1, 9223372036854775807)
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c2', 'n4', 'n521', 1.0, 1, 1)
device 2 packs bundle 26 for the hub
bundle 26 arrives
device 2 moves to the next version of the schema
the hub merges row 4 into row 0 of table 0, taking 0
device 2 merges row 0 into row 2 of table 0, taking 0
the hub packs bundle 43 for device 2
bundle 43 arrives
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "mobile", "n", "tier", "email") VALUES ('c1', CAST(x'610062' AS TEXT), '复检', 2, 3, 1)
device 2 writes: DELETE FROM "client" WHERE "id" = 'c0'
