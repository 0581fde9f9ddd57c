# Found by seed 16159438. One stroke deleted a row and another that somebody else had merged into it, who was corrected by a third: undone,
# the first is kept as without that merge. The judge took it for one that still stands (MRG-56).
seed 16159438, schema net, a hub, 3 devices, checks 50 %
device 1 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n0', NULL, 'n0', NULL, 1)
device 1 writes: INSERT OR IGNORE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n2', NULL, 'n0', NULL, '复检')
device 1 writes: INSERT OR REPLACE INTO "node" ("id", "kept", "part", "loose", "note") VALUES ('n1', 'n2', 'n2', NULL, 'n759')
device 1 packs bundle 1 for the hub
bundle 1 arrives
the hub packs bundle 4 for device 2
bundle 4 arrives
device 2 writes without checks: DELETE FROM "node" WHERE "id" = 'n2'
device 2 merges row 3 into row 5 of table 1, taking 2
device 2 packs bundle 5 for the hub
the hub packs bundle 7 for device 3
bundle 7 arrives
bundle 5 arrives
device 3 writes: UPDATE "node" SET "part" = NULL, "note" = 'n393' WHERE "id" = 'n0'
the hub undoes deletion 1
device 1 writes: DELETE FROM "node" WHERE "id" = 'n0'
device 1 packs bundle 9 for the hub
bundle 9 arrives
the hub packs bundle 14 for device 3
bundle 14 arrives
device 3 undoes deletion 2 and its changeset
