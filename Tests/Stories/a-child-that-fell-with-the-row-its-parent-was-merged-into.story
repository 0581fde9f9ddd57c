# Found by seed 5032826. A row fell with the one into which the row it refers to was merged, and that merge was taken back: it is
# no longer one of those that come back with the first (MRG-42, MRG-46).
seed 5032826, schema net, a hub, 4 devices, checks 100 %
device 4 writes: INSERT OR IGNORE INTO "dept" ("id", "boss", "note") VALUES ('d3', NULL, 'n380')
device 4 writes: INSERT OR IGNORE INTO "person" ("id", "dept", "note") VALUES ('p0', 'd3', 1.0)
device 4 writes: INSERT OR IGNORE INTO "dept" ("id", "boss", "note") VALUES ('d2', NULL, 'é')
device 4 writes: INSERT OR REPLACE INTO "person" ("id", "dept", "note") VALUES ('p1', 'd2', 'n237')
device 4 merges row 6 into row 4 of table 0, taking 0
device 4 writes: DELETE FROM "dept" WHERE "id" = 'd3'
device 4 unmerges row 3
device 4 undoes deletion 3
