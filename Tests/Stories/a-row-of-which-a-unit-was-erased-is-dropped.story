# Found by seed 16433427. A deleted row of which a unit had been erased since was dropped: it had last moved with the order, and who stands below
# that holds up nothing (EXC-23). The judge took its deletion for the last that moved it.
script graves, seed 16433427, steps 5 6 7 13 25 27 28 35 44 45 48 49 50 55 56
