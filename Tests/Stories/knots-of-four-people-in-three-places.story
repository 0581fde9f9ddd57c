# Found by seed 14012379, and by a reader: who was shown hung on which replica had heard of what first (MRG-20, MRG-42).
script tangle, seed 14012379, steps 11 17 19 22 32
