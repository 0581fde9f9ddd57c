# Found by seed 30105 of the scripts of references: a dead row that is shown since another refers to it went on showing NULL in
# a reference (setNull) after the row that it names had come. It was filed as dead and shown, and only looked for as one with NULL.
script net, seed 30105, steps 6 14 33 34 37 47
