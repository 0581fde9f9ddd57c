# Found by seed 15406746. Who takes out of a set what stood there by a merged row, and enters that row in the same seal, writes what the survivor shows alone (MRG-9, MRG-10).
seed 15406746, schema policies, no hub, 2 devices, checks 0 %
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 0, '["a"]', 'n363', 'n301', 'one two three four', 'n932', 'n275')
device 2 writes: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 4, '[1]', x'', 'n92', 'one two three four', 'é', 'n423')
device 2 merges row 0 into row 1 of table 0, taking 0
device 2 writes without checks: UPDATE "tally" SET "tags" = '[1]', "words" = replace("words", 'two', 'dos'), "last" = 'n377' WHERE "id" = 't1'
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 0, '["a"]', 'n317', -9223372036854775808, 'one two three four', 1, CAST(x'610062' AS TEXT))
