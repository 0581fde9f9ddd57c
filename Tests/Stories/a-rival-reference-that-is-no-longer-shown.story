# Found by seed 5095873. Two visits' rivals named two clients; the third, by a device that could hold one of them, changed which is
# shown: the hub took the other for newly named, and set the change aside (SCO-30).
script scopes, seed 5095873, steps 6 8 9 10 15 16 18 24 29 31 33
