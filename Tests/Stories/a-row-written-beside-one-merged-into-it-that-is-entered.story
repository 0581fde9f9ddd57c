# Found by seed 15000546. A row is written beside one that was merged into it and is entered again: it takes the place of what it shows alone (MRG-9, MRG-10).
seed 15000546, schema records, no hub, 4 devices, checks 20 %
device 1 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p1', 1, 'n454')
device 4 writes: INSERT OR REPLACE INTO "pair" ("a", "b", "value") VALUES ('p0', 1, CAST(x'610062' AS TEXT))
device 4 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p0', 2, 'n23')
device 1 packs bundle 29 for device 3
device 4 is copied as device 5
device 5 is copied as device 6
bundle 29 arrives
device 6 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p3', 2, x'00ff')
device 6 writes: DELETE FROM "pair" WHERE "a" = 'p0' AND "b" = 1
device 6 packs bundle 42 for device 1
bundle 42 arrives
device 6 undoes deletion 0 and its changeset
device 1 merges row 6 into row 0 of table 1, taking 0
device 6 packs bundle 56 for device 3
bundle 56 arrives
device 1 packs bundle 62 for device 3
device 3 writes: INSERT OR REPLACE INTO "pair" ("a", "b", "value") VALUES ('p2', 2, '复检')
device 3 merges row 4 into row 5 of table 1, taking 0
bundle 62 arrives
device 6 writes: UPDATE "pair" SET "value" = '' WHERE "a" = 'p3' AND "b" = 2
device 3 packs bundle 66 for device 6
bundle 66 arrives
device 6 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p3', 2, 'n238')
device 6 writes: UPDATE "pair" SET "value" = 0 WHERE "a" = 'p1' AND "b" = 1
