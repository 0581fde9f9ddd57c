# Found by seed 2000759. Of a reference of two columns that is displayed as another row one column is written: then it is
# what was written, and not half of what stood there (MRG-44). The judge was wrong.
seed 2000759, schema net, a hub, 1 devices, checks 100 %
device 1 has its file copied as device 4
device 4 writes: INSERT OR IGNORE INTO "place" ("a", "b", "note") VALUES ('p1', 1, x'00ff')
device 4 writes: INSERT OR IGNORE INTO "place" ("a", "b", "note") VALUES ('p3', 2, 'n828')
device 4 writes: INSERT OR REPLACE INTO "stay" ("id", "pb", "pa", "floor", "note") VALUES ('s0', 2, 'p3', 9223372036854775807, 1.0)
device 4 merges row 3 into row 4 of table 3, taking 3
device 4 writes: INSERT OR IGNORE INTO "place" ("a", "b", "note") VALUES ('p3', 1, x'')
device 4 writes: INSERT OR REPLACE INTO "stay" ("id", "pb", "pa", "floor", "note") VALUES ('s0', 1, 'p3', 0, 'n944')
