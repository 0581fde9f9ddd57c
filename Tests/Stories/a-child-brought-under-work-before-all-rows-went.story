# Found by seed 5069253, upon the mending of 5053323: children of rows that went were brought under work while rows were still to
# go, and were written back (SCO-15).
script scopes, seed 5069253, steps 4 28 32
