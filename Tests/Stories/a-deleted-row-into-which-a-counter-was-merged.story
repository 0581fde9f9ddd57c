# Found by seed 1716. A row was merged into one that somebody else deleted, and a counter in it counts on there though it is
# covered: who asked for the conflict was told that the replica's list of dots is damaged.
seed 1716, schema policies, a hub, 3 devices, checks 0 %
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 0, '["a","b"]', 'n212', 'n838', 'one two three four', 'n824', 'n201')
device 2 writes: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 1, '[]', 9223372036854775807, -9223372036854775808, 'one two three four', x'00ff', -2.5e-300)
device 2 merges row 2 into row 7 of table 7, taking 6
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 1, '["a","b"]', 'n155', 'n685', 'one two three four', 'n291', 9223372036854775807)
device 3 writes without checks: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 2, '[]', 'é', 'n850', 'one two three four', 'n29', 'n467')
device 3 merges row 1 into row 7 of table 7, taking 5
