# Found by seed 5053323. The hub takes a visit and sets its client aside, which nobody else holds: the device that wrote both lost the
# client, and went on showing the visit (SCO-15).
script scopes, seed 5053323, steps 14 16 17 27 37 39
