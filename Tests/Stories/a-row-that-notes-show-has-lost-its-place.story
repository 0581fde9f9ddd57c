# Found by seed 16407639. What brings a row back is noted, but another has its unique place: who enters it enters it over what they do not see. The
# judge took it for a write to a row that is shown by notes alone (MRG-10, MRG-22, MRG-62).
script tangle, seed 16407639, steps 9 10 11 15 16 17 19 24 27 28 29 30 31 43 46
