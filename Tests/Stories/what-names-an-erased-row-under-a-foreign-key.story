# Found by seed 16229133. Somebody entered, under the key of a visit outside their scopes, a visit to a client who had been erased. The hub left
# it out, since the visit is another's, and issued no order for it: its author kept it for ever (ERA-6).
script fleet, seed 16229133, steps 10 44 62 68 71
