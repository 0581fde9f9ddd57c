# The same of a dead row (MRG-22, MRG-42).
# It had no claim to the place, and a younger row was shown in it.
seed 1, schema net, no hub, 4 devices, checks 100 %
device 1 writes without checks: INSERT INTO node VALUES ('n0',NULL,NULL,NULL,1)
device 1 packs bundle 2 for device 3
bundle 2 arrives
device 1 writes without checks: INSERT INTO slot VALUES ('u0','x','1',0,1,'n0')
device 1 packs bundle 1 for device 2
bundle 1 arrives
device 2 writes without checks: DELETE FROM slot WHERE id='u0'; DELETE FROM node WHERE id='n0'
device 2 packs bundle 3 for device 1
bundle 3 arrives
device 3 writes without checks: INSERT INTO slot VALUES ('u1','x',NULL,0,1,'n0')
device 3 packs bundle 4 for device 1
bundle 4 arrives
device 4 writes without checks: INSERT INTO slot VALUES ('u2',NULL,'1',0,1,NULL)
device 4 packs bundle 5 for device 1
bundle 5 arrives
