# Found by seed 6213262. A row is erased with all that refers to it; one of these was merged into a row that names nothing and
# only showed that reference (ERA-1): it stays.
seed 6213262, schema records, a hub, 2 devices, checks 100 %
device 2 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p3', 'n524', 'n0', 'p3')
device 2 packs bundle 9 for the hub
bundle 9 arrives
device 1 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 'n231', CAST(x'610062' AS TEXT), NULL)
device 2 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 'n660', 'n706', NULL)
device 3 packs bundle 11 for the hub
device 1 packs bundle 12 for the hub
the hub packs bundle 13 for device 1
bundle 13 arrives
device 2 merges row 7 into row 1 of table 2, taking 0
the hub packs bundle 17 for device 1
the hub packs bundle 18 for device 3
device 3 packs bundle 21 for the hub
device 1 writes without checks: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', 'n861', '', 'p3')
device 3 packs bundle 22 for device 1
device 1 writes: UPDATE "parent" SET "note" = x'', "above" = 'p1' WHERE "id" = 'p3'
device 3 packs bundle 23 for device 1
device 1 packs bundle 24 for the hub

