# Found by seed 12113190. A changeset that deleted a survivor was undone: what it had taken along on the merged row went, and the merge stayed; the
# judge took the merged row for still deleted (MRG-47, MRG-55, MRG-60).
seed 12113190, schema policies, a hub, 3 devices, checks 0 %
device 2 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 3, '[2, 1]', 'n469', 'n845', 'one two three four', '1', CAST(x'610062' AS TEXT))
device 2 packs bundle 26 for the hub
bundle 26 arrives
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t3', 4, '[1]', 'n184', '复检', 'one two three four', 1.0, '')
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 3, '[1,"b"]', 'n161', 'n792', 'one two three four', 'n572', 'é')
the hub packs bundle 59 for device 3
bundle 59 arrives
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 4, '[]', -2.5e-300, 9223372036854775807, 'one two three four', 1.0, 'n267')
device 3 merges row 5 into row 7 of table 0, taking 0
device 3 writes: DELETE FROM "tally" WHERE "id" = 't2'
device 3 undoes deletion 3 and its changeset
