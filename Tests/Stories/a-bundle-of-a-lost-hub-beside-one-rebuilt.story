# Found by seed 12000391. Two hubs were rebuilt from one key, one after the other, and their epochs cannot be told apart in time: a bundle
# of the first made a tablet hand in to the second at every visit, which never answered (EXC-28).
script folders, seed 12000391, steps 2 4 39 42 50 52
