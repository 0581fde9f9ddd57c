# Found by seed 10304625. A hub that was rebuilt heard in one bundle of an order to erase a client, and of the client that was entered
# anew under its key; the lists of scopes then forgot both, and nobody who might see the client was given it (SCO-9).
script fleet, seed 10304625, steps 4 18 20 22 42
