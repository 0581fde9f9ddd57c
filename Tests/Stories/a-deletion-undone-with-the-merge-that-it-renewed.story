# Found by seed 4023246. The deletion of a row renewed the merge of another into it, and the changeset is undone: the merged row
# stood twice in the undo, kept and merged again (MRG-56).
seed 4023246, schema net, a hub, 3 devices, checks 0 %
device 3 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', NULL, NULL, 'n0', '1')
device 3 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n3', NULL, NULL, NULL, NULL)
device 3 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n2', NULL, 'n0', 'n3', 'é')
device 3 writes: INSERT OR REPLACE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n1', 'n2', NULL, 'n0', 'n199')
device 3 packs bundle 11 for device 1
device 3 packs bundle 19 for the hub
bundle 19 arrives
the hub packs bundle 24 for device 2
bundle 24 arrives
device 2 writes: UPDATE "node" SET "loose" = NULL WHERE "id" = 'n0'
device 2 packs bundle 32 for the hub
bundle 11 arrives
bundle 32 arrives
device 3 merges row 0 into row 7 of table 1, taking 0
device 1 writes: DELETE FROM "node" WHERE "id" = 'n2'
device 3 packs bundle 34 for the hub
bundle 34 arrives
device 2 writes: INSERT OR REPLACE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', 'n0', NULL, NULL, 'n587')
the hub packs bundle 37 for device 1
bundle 37 arrives
device 1 answers conflict 3 with 1
device 1 packs bundle 42 for the hub
bundle 42 arrives
device 2 packs bundle 45 for the hub
bundle 45 arrives
the hub undoes deletion 0 and its changeset
