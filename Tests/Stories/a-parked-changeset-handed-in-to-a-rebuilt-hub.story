# Found by seed 5027737. A device hands in to a rebuilt hub what it only has parked: the hub took it in, and then away again,
# since the rows that were handed in lacked it (EXC-29).
script restored, seed 5027737, steps 3 4 6 8 11 12 22 23 25 32 33 34 40
