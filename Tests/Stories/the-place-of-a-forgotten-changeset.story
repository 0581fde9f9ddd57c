# Found by seed 5034. Device 4 forgets a changeset that the hub has receipted, and its own next one takes the number in
# the order of application that the forgotten one had: whoever looks for what is new must not go by that number.
seed 5034, schema records, a hub, 4 devices, checks 50 %
device 3 writes: INSERT OR REPLACE INTO "pair" ("a", "b", "value") VALUES ('p0', 1, 'n728')
device 3 packs bundle 3 for the hub
bundle 3 arrives
device 3 packs bundle 4 for device 4
bundle 4 arrives
device 4 writes: DELETE FROM "parent" WHERE "id" = 'p0'
the hub packs bundle 7 for device 4
bundle 7 arrives
device 4 writes: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p1', 'n862', 'n570', NULL)
