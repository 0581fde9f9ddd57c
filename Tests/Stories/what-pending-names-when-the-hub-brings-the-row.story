# Found by seed 16151043. Somebody had entered a client below another whom the hub had set aside; the hub brought what a colleague had
# entered of the first, which named nobody, and the second went though what was pending names it (EXC-17).
script scopes, seed 16151043, steps 3 21 25 30 31 35 36 46 48
