# The hub had forgotten p0. A device pointed p1 at it, and then entered it anew, and handed both in at once: judged one by one
# the old p0 came back beside the new one, and its deletion was asked about (EXC-26).
script graves, seed 20738, steps 4 23 27 28 29 32 33 34 50 51
