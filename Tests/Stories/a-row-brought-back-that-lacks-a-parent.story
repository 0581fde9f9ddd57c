# A dead row that comes back with a shown one waits for what else it needs, and comes when that does (MRG-20, MRG-42): it was
# filed as plainly dead, and nobody asked for it.
seed 1, schema net, no hub, 4 devices, checks 100 %
device 1 writes without checks: INSERT INTO node VALUES ('n0',NULL,NULL,NULL,1); INSERT INTO node VALUES ('n1',NULL,NULL,NULL,1); INSERT INTO node VALUES ('n2','n0','n1',NULL,1)
device 1 packs bundle 1 for device 2
device 1 packs bundle 2 for device 3
device 1 packs bundle 3 for device 4
bundle 1 arrives
bundle 2 arrives
bundle 3 arrives
device 2 writes without checks: DELETE FROM node WHERE id='n0' OR id='n2'
device 3 writes without checks: UPDATE node SET note=2 WHERE id='n0'
device 4 writes without checks: DELETE FROM node WHERE id='n1'
device 2 packs bundle 4 for device 1
device 3 packs bundle 5 for device 1
device 4 packs bundle 6 for device 1
bundle 4 arrives
bundle 5 arrives
bundle 6 arrives
device 4 writes without checks: INSERT INTO node VALUES ('n1',NULL,NULL,NULL,5)
device 4 packs bundle 7 for device 1
bundle 7 arrives
