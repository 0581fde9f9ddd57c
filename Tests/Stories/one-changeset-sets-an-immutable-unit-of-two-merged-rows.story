# Found by seed 3101324. One changeset enters an immutable unit of a merged row and of its survivor: the survivor's own is
# shown (MRG-54). The rule did not say so.
seed 3101324, schema policies, a hub, 4 devices, checks 0 %
device 1 writes: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 2, '["a","b"]', x'', 'n273', 'one two three four', CAST(x'610062' AS TEXT), x'')
device 1 packs bundle 9 for the hub
bundle 9 arrives
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 1, '["a"]', NULL, 'é', 'one two three four', '复检', x'')
device 2 packs bundle 15 for the hub
bundle 15 arrives
the hub packs bundle 19 for device 4
bundle 19 arrives
the hub packs bundle 24 for device 3
bundle 24 arrives
device 3 merges row 4 into row 2 of table 0, taking 1
device 4 writes: DELETE FROM "tally" WHERE "id" = 't1'
device 4 writes: DELETE FROM "tally" WHERE "id" = 't0'
device 4 writes: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 0, '["a","b"]', 'n464', 'n627', 'one two three four', 'é', '')
device 4 writes: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 1, '["a"]', 'n273', 'é', 'one two three four', 1, 9223372036854775807)
