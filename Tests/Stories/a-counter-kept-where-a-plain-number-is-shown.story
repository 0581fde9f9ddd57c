# Found by seed 501718. The deletion of a counted number is overruled by a plain number of an older schema: keep must carry
# the additions of what it replaces, though the number that it shows was not made of them (MRG-38).
seed 501718, schema growing, no hub, 3 devices, checks 0 %
device 1 is copied as device 4
device 4 moves to the next version of the schema
device 3 moves to the next version of the schema
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c1', 2, x'', 'n711', 2)
device 4 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c1', 9223372036854775807, 'n250', 'n411', 2, 4)
device 4 packs bundle 14 for device 1
bundle 14 arrives
device 2 packs bundle 15 for device 3
bundle 15 arrives
device 1 writes: DELETE FROM "client" WHERE "id" = 'c1'
device 1 packs bundle 20 for device 3
bundle 20 arrives
device 3 answers conflict 4 with 2
