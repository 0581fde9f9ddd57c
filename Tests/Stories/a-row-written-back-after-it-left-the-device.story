# Found by seed 5072633, likewise.
script scopes, seed 5072633, steps 10 14 16 21 24
