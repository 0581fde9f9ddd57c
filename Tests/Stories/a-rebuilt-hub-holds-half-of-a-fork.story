# Found by seed 12000899. Two copies had forked a line, and the hub was rebuilt: it got one branch's second changeset and the other's first,
# and `verify` called that a broken chain (EXC-29).
script folders, seed 12000899, steps 3 12 18 31 39 40 41
