# Found by seed 11032113. A rebuilt hub was handed in a row with a deletion, and then the deletion by itself: it stood there twice, and no
# reply that held the row could be read by anybody (EXC-29).
script fleet, seed 11032113, steps 21 26 29 42 47 48 66 73 76
