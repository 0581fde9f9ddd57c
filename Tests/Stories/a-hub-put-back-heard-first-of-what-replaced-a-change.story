# Found by seed 12240495. A hub was put back, and heard first from a tablet that had deleted a client and entered it again, then from who had entered it
# first: they had played that on the hub's row, and never got the row again (EXC-31).
script folders, seed 12240495, steps 3 7 8 15 17 18 21 22 28 32 33
