# Found by seed 523. One row was merged into a second and that into a third, which shows an edit of the first. Who deletes the
# third and enters the second anew, in one seal, has seen that edit: it must not come up in the new row (MRG-55, MRG-10).
seed 523, schema policies, a hub, 2 devices, checks 0 %
device 1 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 1, '["a","b"]', 'n951', 'n207', 'one two three four', 'é', 'n913')
device 1 packs bundle 12 for the hub
bundle 12 arrives
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 1, '[1,"b"]', NULL, 'n157', 'one two three four', 'n40', '复检')
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 1, '["a","b"]', 'n976', 9223372036854775807, 'one two three four', 'n917', 9223372036854775807)
device 2 packs bundle 15 for the hub
bundle 15 arrives
the hub merges row 6 into row 7 of table 0, taking 0
the hub merges row 7 into row 0 of table 0, taking 7
device 2 writes: UPDATE "tally" SET "n" = "n" + 0, "tags" = '[1]', "low" = -9223372036854775808, "high" = 'n651' WHERE "id" = 't0'
the hub packs bundle 22 for device 2
bundle 22 arrives
device 2 writes: DELETE FROM "tally" WHERE "id" = 't1'
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 0, '[1]', 'n306', 'n966', 'one two three four', -9223372036854775808, x'00ff')
