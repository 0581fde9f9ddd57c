# Found by seed 11072185. A row that its table refuses was listed as waiting where what it refers to was not there either, so
# that nobody learned what to mend (MRG-49).
script net, seed 11072185, steps 3 6 11 16 19 23 24
