# Found by seed 14509204. Of three merged clients one is entered anew, and a merge leads to it that had led elsewhere: what is counted there
# came to what they had entered (MRG-10, MRG-54).
seed 14509204, schema policies, a hub, 2 devices, checks 0 %
device 2 writes without checks: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t0', 1, '["a"]', 'n817', 'n484', 'one two three four', '复检', '')
device 2 writes without checks: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 3, '[2, 1]', 'n326', 1.0, 'one two three four', 'n492', 'n391')
device 2 packs bundle 8 for device 1
bundle 8 arrives
device 1 merges row 6 into row 5 of table 0, taking 0
device 1 packs bundle 12 for device 2
bundle 12 arrives
device 2 writes without checks: INSERT OR IGNORE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t2', 2, '[1,"b"]', '1', 'n614', 'one two three four', 'n553', '复检')
device 2 merges row 4 into row 3 of table 0, taking 0
device 2 writes without checks: INSERT OR REPLACE INTO "tally" ("id", "n", "tags", "low", "high", "words", "last", "once") VALUES ('t1', 4, '[2, 1]', 'n561', NULL, 'one two three four', 'n70', 'é')
