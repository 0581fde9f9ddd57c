# Found by seed 5053323. A device saw a client and a visit of it; the client left the device, and the visit, which it had not
# sent yet, went on being shown there without the client (SCO-15).
script scopes, seed 5053323, steps 14 16 17 27 37 39
