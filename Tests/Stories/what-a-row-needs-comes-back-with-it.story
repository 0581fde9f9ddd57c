# A new row keeps a deleted one, and needs another, which what fell with the first would keep (MRG-20, MRG-42): all are shown.
# Nothing was, the new row neither.
seed 1, schema net, no hub, 4 devices, checks 100 %
device 1 writes without checks: INSERT INTO node VALUES ('n0',NULL,NULL,NULL,1); INSERT INTO node VALUES ('n1',NULL,NULL,NULL,1); INSERT INTO node VALUES ('n3','n1','n0',NULL,1)
device 1 packs bundle 1 for device 2
device 1 packs bundle 2 for device 3
device 1 packs bundle 3 for device 4
bundle 1 arrives
bundle 2 arrives
bundle 3 arrives
device 2 writes without checks: DELETE FROM node WHERE id='n0' OR id='n3'
device 3 writes without checks: DELETE FROM node WHERE id='n1'
device 4 writes without checks: INSERT INTO node VALUES ('n2','n0','n1',NULL,1)
device 2 packs bundle 4 for device 1
device 3 packs bundle 5 for device 1
device 4 packs bundle 6 for device 1
bundle 4 arrives
bundle 5 arrives
bundle 6 arrives
