# Found by seed 15721433. Somebody entered a client under the key of one outside their scopes, corrected it, and entered it again when it had
# left them; the hub was lost, and what they handed in took away from the new one what had stood under that key before (EXC-29).
script fleet, seed 15721433, steps 7 19 25 34 35 42 43 56 62
