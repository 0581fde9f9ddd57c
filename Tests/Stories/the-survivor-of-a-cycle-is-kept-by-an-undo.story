# Found by seed 16520162; the judge was wrong. Two merged each other's clients into each other, one of whom a third had deleted. Who takes the
# other out of the bin lets that one go too, by a keep, since a note came with its merge (MRG-56, MRG-61).
seed 16520162, schema growing, a hub, 2 devices, checks 100 %
device 2 writes: INSERT OR REPLACE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c1', '', 'n636', 'n755', 9223372036854775807)
device 1 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c0', 'n896', 'n272', 1, 9223372036854775807)
device 1 writes: INSERT OR REPLACE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c1', '复检', 'n872', 'n906', 4)
device 1 packs bundle 8 for the hub
bundle 8 arrives
device 1 writes: DELETE FROM "client" WHERE "id" = 'c1'
device 2 packs bundle 14 for the hub
bundle 14 arrives
the hub packs bundle 15 for device 2
bundle 15 arrives
device 1 packs bundle 16 for the hub
bundle 16 arrives
the hub merges row 7 into row 3 of table 0, taking 0
device 2 merges row 2 into row 5 of table 0, taking 4
the hub packs bundle 23 for device 2
bundle 23 arrives
device 2 undoes deletion 1

