# Found by seed 14325805. A client into whom another was merged shows a number that a device wrote which does not count yet. Somebody
# corrects it to 0, which is no value: all that is counted rose beside it, and another number was shown than they had written (MRG-31).
script versions, seed 14325805, steps 6 11 12 13 20 21 27 28 31
