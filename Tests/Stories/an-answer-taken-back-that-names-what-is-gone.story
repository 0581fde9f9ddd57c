# Found by seed 15812549. Somebody decided what a row names, deleted what it had named before, and took the answer back: the row would have
# been out of sight with nobody asked, and the judge did not know that (INB-8).
script tangle, seed 15812549, steps 1 8 12 18 24 26 33 37
