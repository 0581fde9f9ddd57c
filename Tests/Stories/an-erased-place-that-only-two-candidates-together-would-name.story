# Found by seed 1003420. At the end a place is erased that nobody's stay names: the columns of one unit that two people wrote
# are two candidates, not four (ERA-1).
seed 1003420, schema net, a hub, 5 devices, checks 50 %
device 4 packs bundle 3 for device 1
device 2 writes: INSERT OR IGNORE INTO "place" ("a", "b", "note") VALUES ('p3', 1, 'n405')
device 4 packs bundle 4 for the hub
device 2 packs bundle 6 for device 5
device 5 writes without checks: INSERT OR IGNORE INTO "place" ("a", "b", "note") VALUES ('p2', 1, 'n24')
device 5 writes without checks: INSERT OR REPLACE INTO "stay" ("id", "pb", "pa", "floor", "note") VALUES ('s1', 1, 'p2', 2, '1')
device 4 packs bundle 9 for device 5
device 1 writes: INSERT OR IGNORE INTO "place" ("a", "b", "note") VALUES ('p3', 2, 'n684')
device 1 writes: INSERT OR IGNORE INTO "stay" ("id", "pb", "pa", "floor", "note") VALUES ('s1', 2, 'p3', 4, 'n618')
