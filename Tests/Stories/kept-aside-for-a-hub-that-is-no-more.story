# Found by seed 12000422. A hub was put back and then rebuilt from an older key; of two copies each handed in at every visit, and what they
# left was kept on the stick for ever (EXC-28).
script folders, seed 12000422, steps 3 4 12 13 17 20 23 26 33
