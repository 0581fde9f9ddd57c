# Found by seed 4013175. A number entered before it was counted, in a row that was merged into one that somebody else deleted:
# of one changeset's values the survivor's own is shown, in whatever order they came (MRG-54).
seed 4013175, schema growing, no hub, 2 devices, checks 50 %
device 2 writes without checks: INSERT OR REPLACE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c2', 1, 'n365', 'n674', 9223372036854775807)
device 1 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c2', -2.5e-300, 1.0, 'n246', 2)
device 1 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c1', 'n347', x'00ff', 0, 9223372036854775807)
device 1 packs bundle 4 for device 2
bundle 4 arrives
device 1 merges row 4 into row 7 of table 0, taking 5
device 2 writes without checks: DELETE FROM "client" WHERE "id" = 'c2'
