# Found by seed 5017544. A row merged into one that two people merged into different ones was in conflict with one answer
# (MRG-57).
seed 5017544, schema records, no hub, 2 devices, checks 100 %
device 1 writes: INSERT OR REPLACE INTO "pair" ("a", "b", "value") VALUES ('p3', 1, 'n553')
device 1 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p1', 1, 'n834')
device 1 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p2', 1, '1')
device 2 writes: INSERT OR IGNORE INTO "pair" ("a", "b", "value") VALUES ('p0', 2, 'n93')
device 2 writes: INSERT OR REPLACE INTO "pair" ("a", "b", "value") VALUES ('p0', 1, 'n294')
device 2 packs bundle 9 for device 1
bundle 9 arrives
device 1 merges row 2 into row 4 of table 1, taking 0
device 2 writes: INSERT OR REPLACE INTO "pair" ("a", "b", "value") VALUES ('p1', 2, 'n675')
device 1 packs bundle 17 for device 2
bundle 17 arrives
device 1 unmerges row 5
device 2 merges row 4 into row 6 of table 1, taking 4
device 1 merges row 2 into row 3 of table 1, taking 0
device 1 merges row 3 into row 4 of table 1, taking 2
device 1 packs bundle 25 for device 2
bundle 25 arrives
device 2 answers conflict 0 with 2
