# Found by seed 12234022. Who merges another record into one that is shown by a note alone keeps it with that (MRG-62); the judge of a
# merge looked only for what the merged record brought back (MRG-50).
seed 12234022, schema records, a hub, 2 devices, checks 20 %
device 2 writes without checks: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', -2.5e-300, x'00ff', NULL)
device 2 writes without checks: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 'n97', 'n855', 'p1')
device 1 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 'n649', 'é', NULL)
device 1 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p3', x'', 'n97', NULL)
device 1 merges row 2 into row 4 of table 2, taking 2
device 2 unmerges row 3
device 1 packs bundle 22 for the hub
bundle 22 arrives
device 2 writes without checks: DELETE FROM "parent" WHERE "id" = 'p0'
device 2 writes without checks: UPDATE OR IGNORE "parent" SET "id" = 'p2' WHERE "id" = 'p1'
device 2 packs bundle 30 for the hub
bundle 30 arrives
the hub undoes deletion 1
the hub packs bundle 33 for device 1
bundle 33 arrives
device 1 merges row 7 into row 6 of table 2, taking 2
