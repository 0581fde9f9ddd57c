# Found by seed 60. Two people merged one row into different ones: what people are asked is in the digest, with the keys that
# they choose among (DIG-5).
seed 60, schema records, a hub, 4 devices, checks 0 %
the hub writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', -9223372036854775808, 'n295', NULL)
the hub writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 'n8', 0, 'p2')
the hub packs bundle 9 for device 4
bundle 9 arrives
device 4 merges row 4 into row 5 of table 2, taking 0
device 1 writes without checks: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p0', 4, 'n578', 'p2')
device 1 packs bundle 18 for the hub
bundle 18 arrives
the hub merges row 4 into row 6 of table 2, taking 7
