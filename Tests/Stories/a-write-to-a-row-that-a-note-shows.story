# Found by seed 12531932, where the judge was wrong: who writes to a row that notes alone show keeps it with that (MRG-62).
seed 12531932, schema records, no hub, 1 devices, checks 50 %
device 1 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', CAST(x'610062' AS TEXT), '复检', 'p1')
device 1 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 'n387', '复检', 'p1')
device 1 merges row 5 into row 6 of table 2, taking 0
device 1 writes without checks: DELETE FROM "parent" WHERE "id" = 'p0'
device 1 unmerges row 1
device 1 writes: UPDATE "parent" SET "name" = 'n682', "above" = 'p0' WHERE "id" = 'p0'

