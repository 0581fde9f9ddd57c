# Found by seed 7318653. Whoever holds everything had taken in, on a stick, what the hub set aside, and had written the row too:
# the hub left the row out of the answer, as one that its author has, and the two went on holding different rows (EXC-15).
script fleet, seed 7318653, steps 11 14 17 22 25 27 30 34 36 38
