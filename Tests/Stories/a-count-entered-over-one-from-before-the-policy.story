# Found by seed 12502059. Of two merged clients one had been counted before there was the policy. Somebody entered it anew with none:
# the other's count came to it, which had not been shown before (MRG-54).
seed 12502059, schema growing, a hub, 2 devices, checks 0 %
device 2 writes without checks: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n") VALUES ('c2', 4, '1', 1.0, 2)
device 2 moves to the next version of the schema
device 2 writes without checks: INSERT OR IGNORE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c1', x'00ff', 'n511', 'n312', 2, 0)
device 2 merges row 4 into row 6 of table 0, taking 0
device 2 writes without checks: INSERT OR REPLACE INTO "client" ("id", "name", "phone", "old", "n", "tier") VALUES ('c2', 'n388', CAST(x'610062' AS TEXT), 'n423', 0, 3)

