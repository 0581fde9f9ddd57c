# Found by seed 14702219, a judge: the undo of an answer deletes anew what the answer deleted with the record, and notes, as every deletion
# that takes another's place, whose place it takes (INB-8, MRG-61).
script tangle, seed 14702219, steps 3 10 14 20 23 25 26 29 34 54
