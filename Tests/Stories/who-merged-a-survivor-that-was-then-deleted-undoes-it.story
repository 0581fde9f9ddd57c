# Found by seed 16148750. A client into whom one had been merged was merged into another, who was deleted. The merge was undone by its
# changeset, and nothing was: the deletion had taken along what it merged (MRG-47, MRG-55).
seed 16148750, schema growing, a hub, 3 devices, checks 100 %
device 2 moves to the next version of the schema
device 2 writes: INSERT OR REPLACE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c3', 'n766', 4, -2.5e-300, 0, 9223372036854775807)
device 2 writes: INSERT OR REPLACE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c1', 'n760', '', x'00ff', 1, 1)
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c0', 'n53', '', x'00ff', 0, 2)
device 3 moves to the next version of the schema
device 2 merges row 1 into row 2 of table 0, taking 2
device 2 packs bundle 33 for the hub
bundle 33 arrives
device 3 writes without checks: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c3', 1, 1, '复检', 3, 1)
device 3 packs bundle 35 for the hub
bundle 35 arrives
the hub packs bundle 40 for device 1
bundle 40 arrives
the hub merges row 3 into row 3 of table 0, taking 2
device 1 writes without checks: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c1', 1, '1', 'n900', 9223372036854775807)
device 1 answers conflict 1 with 1
the hub packs bundle 47 for device 1
bundle 47 arrives
device 1 merges row 4 into row 4 of table 0, taking 0
device 1 writes without checks: DELETE FROM "client" WHERE "id" = 'c1'
device 1 undoes deletion 3 and its changeset
