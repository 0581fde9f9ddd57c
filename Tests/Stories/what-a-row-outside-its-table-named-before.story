# A row that its table refuses does not refer to another any more: what waited for that is not listed any more (MRG-49).
# Only what a row in its table had named was judged again.
seed 1, schema net, no hub, 5 devices, checks 100 %
device 4 writes without checks: INSERT INTO slot VALUES ('u3','x',NULL,0,1,NULL)
device 4 seals
device 5 writes without checks: INSERT INTO slot VALUES ('u2','y',NULL,0,1,NULL)
device 5 seals
device 1 writes without checks: INSERT INTO node VALUES ('n0',NULL,NULL,NULL,1)
device 1 packs bundle 1 for device 3
bundle 1 arrives
device 1 writes without checks: INSERT INTO slot VALUES ('u0','x',NULL,0,1,'n0')
device 1 packs bundle 2 for device 2
bundle 2 arrives
device 2 writes without checks: DELETE FROM slot; DELETE FROM node
device 2 packs bundle 3 for device 1
bundle 3 arrives
device 4 packs bundle 4 for device 1
bundle 4 arrives
device 5 packs bundle 5 for device 1
bundle 5 arrives
device 3 writes without checks: INSERT INTO slot VALUES ('u1','y',NULL,0,1,'n0')
device 3 packs bundle 6 for device 1
bundle 6 arrives
device 3 writes without checks: UPDATE slot SET node=NULL WHERE id='u1'
device 3 packs bundle 7 for device 1
bundle 7 arrives
