# Found by seed 12133151. A tablet had a client from one that was shut out, and a visit to it, before it first met the hub: with the visit the
# client stayed, which the hub withholds (EXC-25, REV-2).
script revoked, seed 12133151, steps 2 4 5 9 11 12 13 14 15 16 17 18 24 26 29 30 34 40 44
