# Found by seed 16631836; the judge was wrong. A row shows a reference that an edit of one merged into it says. That one is entered anew, and
# the same reference is written to the row in the same seal: it is written there, since with the other it would go (MRG-10, MRG-25, MRG-54).
seed 16631836, schema records, a hub, 3 devices, checks 100 %
device 2 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p3', '1', 'é', NULL)
device 2 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', -9223372036854775808, 'n394', NULL)
device 2 packs bundle 40 for device 3
device 3 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 'n857', NULL, 'p1')
device 3 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 'n992', x'', 'p1')
device 3 packs bundle 45 for device 1
bundle 40 arrives
bundle 45 arrives
device 1 packs bundle 46 for the hub
bundle 46 arrives
the hub packs bundle 49 for device 2
bundle 49 arrives
device 3 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', 'n277', 'é', 'p2')
device 3 packs bundle 55 for the hub
bundle 55 arrives
device 2 merges row 6 into row 6 of table 2, taking 0
the hub packs bundle 72 for device 2
bundle 72 arrives
device 2 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', 'n358', 1, NULL)
device 2 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 'n818', 1, 'p2')
