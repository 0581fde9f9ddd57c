# Found by seed 14428413. A client that was merged into another, the only one, leaves a device's scope: the other went on showing
# what stood on it (SCO-15, MRG-54).
script fleet, seed 14428413, steps 14 26 27 32 35 41 42 43 44 48
