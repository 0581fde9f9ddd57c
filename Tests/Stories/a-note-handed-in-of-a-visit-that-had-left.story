# Found by seed 12545473. A visit left a tablet that had an unsent note of it, which was handed in to a rebuilt hub by itself: another's
# note of the same visit, of which the tablet had been told, was taken for replaced (SCO-32).
script fleet, seed 12545473, steps 4 9 11 13 37 39 40 46 54 60 77
