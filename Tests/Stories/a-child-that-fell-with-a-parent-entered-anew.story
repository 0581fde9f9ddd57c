# Found by seed 6813703; the judge was wrong. A child was deleted with its parent, and somebody entered the parent anew: both are
# shown again (MRG-42), on the device too, of which the judge of scopes knew only what rows revive.
script scopes, seed 6813703, steps 2 24 27 41
