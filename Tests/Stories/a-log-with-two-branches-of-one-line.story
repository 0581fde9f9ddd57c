# Found by seed 405139. A file was copied, both copies wrote, and the hub holds both branches: whoever checked its log was told
# that a changeset does not follow the one before it (EXC-27).
seed 405139, schema policies, a hub, 2 devices, checks 0 %
device 2 packs bundle 11 for the hub
the hub packs bundle 12 for device 2
device 2 has its file copied as device 3
device 2 writes: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 3, '[1]', 'n136', -2.5e-300, 'one two three four', x'', -9223372036854775808)
device 3 packs bundle 18 for the hub
device 2 packs bundle 19 for the hub
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 3, '[1]', 'n308', 'n946', 'one two three four', '复检', x'00ff')
device 3 writes: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 2, '["a","b"]', 'é', 'n799', 'one two three four', '复检', 'n189')
device 3 packs bundle 25 for device 1
the hub packs bundle 26 for device 2
device 3 merges row 2 into row 3 of table 0, taking 7
device 2 packs bundle 27 for the hub
