# Found by seed 15011100. A row is deleted, and another that leads elsewhere once a third is entered is not taken along (MRG-10, MRG-55).
seed 15011100, schema policies, no hub, 2 devices, checks 0 %
device 1 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 4, '[2, 1]', 'n729', 'n4', 'one two three four', -9223372036854775808, 'n17')
device 2 is copied as device 3
device 1 is copied as device 4
device 4 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 3, '[1,"b"]', x'00ff', 1, 'one two three four', x'', 'é')
device 4 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 1, '[1,"b"]', 'n98', x'', 'one two three four', '1', x'')
device 4 merges row 0 into row 7 of table 0, taking 0
device 4 merges row 4 into row 0 of table 0, taking 6
device 4 packs bundle 18 for device 3
bundle 18 arrives
device 3 unmerges row 4
device 3 merges row 1 into row 2 of table 0, taking 5
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 4, '[1,"b"]', '', 1, 'one two three four', 0, CAST(x'610062' AS TEXT))
device 3 writes: DELETE FROM "tally" WHERE "id" = 't0'
