# Found by seed 5174145. A decision about a column that the schema here no longer has was undone here, and wrote nothing into it
# (INB-8).
script versions, seed 5174145, steps 1 3 6 8 11 13 14 25 28 54
