# Found by seed 65. Device 2 enters, by a program without checks, a row that refers to one which only device 1 has: it is
# held aside there, what is written beside it is taken or refused for itself, and it stands when the other row arrives.
seed 65, schema records, a hub, 2 devices, checks 0 %
device 1 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', -9223372036854775808, 'n60', 'p2')
device 2 writes without checks: INSERT OR IGNORE INTO "parent" ("id", "name", "note", "above") VALUES ('p3', 'n320', 3, 'p2')
device 2 writes: INSERT OR REPLACE INTO "parent" ("id", "name", "note", "above") VALUES ('p2', 'n873', 1, 'p0')
