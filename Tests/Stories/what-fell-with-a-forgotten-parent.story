# Found by seed 12197147. The hub had dropped a parent and its child, when a late tablet gave the parent another child: the first comes back
# with the parent, since it fell with it (EXC-26); the judge expected it to stay dead.
script graves, seed 12197147, steps 1 18 21 27 28 29 36 39 40
