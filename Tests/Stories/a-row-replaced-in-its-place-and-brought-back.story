# Found by seed 14011719. A row was put in the place of another (INSERT OR REPLACE), which comes back since the same transaction
# enters what a row that refers to it had waited for: the older has the place (MRG-22). The table was asked, and refused it.
script tangle, seed 14011719, steps 30 33 41
