# Found by seed 100669. A dead row refers to one that is merged into a third, with which the first was deleted: it refers to
# the third now, and is brought back by it (MRG-42, MRG-53).
seed 100669, schema records, no hub, 5 devices, checks 0 %
device 1 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p3', 'é', 'n237', NULL)
device 3 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', '1', -9223372036854775808, NULL)
device 3 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 'n313', '1', 'p2')
device 1 packs bundle 29 for device 4
device 5 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 9223372036854775807, 1.0, NULL)
device 5 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p3', 'n133', 'n631', 'p1')
device 3 packs bundle 33 for device 4
bundle 33 arrives
bundle 29 arrives
device 4 writes: DELETE FROM "parent" WHERE "id" = 'p0'
device 5 packs bundle 34 for device 3
device 4 writes: DELETE FROM "parent" WHERE "id" = 'p3'
bundle 34 arrives
device 3 packs bundle 41 for device 2
bundle 41 arrives
device 4 packs bundle 43 for device 2
bundle 43 arrives
device 2 merges row 4 into row 5 of table 2, taking 2
device 2 writes: DELETE FROM "parent" WHERE "id" = 'p2'
