# Found by seed 2101060. A bundle that had been lost before somebody was erased came afterwards: the judge had not counted with it.
seed 2101060, schema growing, a hub, 2 devices, checks 100 %
device 2 is backed up
device 2 packs bundle 4 for the hub
device 1 writes: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c1', 1.0, -2.5e-300, '', 4)
device 1 packs bundle 6 for the hub
device 2 moves to the next version of the schema
the hub packs bundle 27 for device 2
the hub packs bundle 33 for device 1
device 2 moves to the next version of the schema
the hub packs bundle 34 for device 2
device 2 writes: INSERT OR IGNORE INTO "client" ("id", "name", "mobile", "n", "tier", "email") VALUES ('c1', 1, -9223372036854775808, 0, 4, 'n335')
device 2 writes: INSERT OR IGNORE INTO "visit" ("id", "client", "kind", "note") VALUES ('v1', 'c1', 9223372036854775807, 'n867')
device 2 packs bundle 35 for device 1
device 2 packs bundle 39 for the hub
device 2 is restored
device 1 packs bundle 40 for the hub
the hub packs bundle 43 for device 1
device 1 packs bundle 44 for device 2
device 1 packs bundle 45 for device 2
device 1 packs bundle 48 for device 2
device 1 packs bundle 53 for the hub
the hub packs bundle 54 for device 2
device 2 packs bundle 55 for device 1
the hub packs bundle 56 for device 1
the hub packs bundle 57 for device 2
