# Found by seed 10080169. A tablet had been given a part of the work of a device that was then shut out, and went on asking for the
# rest of it (REV-2).
script fleet, seed 10080169, steps 3 4 17 32 53 55
