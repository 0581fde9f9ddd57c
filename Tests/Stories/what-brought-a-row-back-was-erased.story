# Found by seed 7317627. A child named a dropped row, which came back for it, and was erased at the end of its own bundle: the
# judge held that the row was dropped still, and that who entered it anew began a life of its own (EXC-26).
script graves, seed 7317627, steps 2 5 7 8 20 29 31 34 37 38 39 50 53 55 56
