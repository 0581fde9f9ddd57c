# Found by seed 60. A row was merged into the one that it refers to, while somebody who did not know of it deleted both at
# once: the survivor is kept, and must not bring the merged row back (MRG-42).
seed 60, schema records, a hub, 1 devices, checks 0 %
the hub writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', -9223372036854775808, 'n295', NULL)
the hub writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 'n8', 0, 'p2')
the hub packs bundle 19 for device 1
bundle 19 arrives
the hub merges row 4 into row 6 of table 2, taking 7
device 1 writes without checks: DELETE FROM "parent" WHERE "id" = 'p1'
device 1 writes without checks: DELETE FROM "parent" WHERE "id" = 'p2'
