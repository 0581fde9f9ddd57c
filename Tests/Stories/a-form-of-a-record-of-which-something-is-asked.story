# Found by seed 15853325. A form showed a value that its owner chose meanwhile of two; saved, it is an ordinary write, and sealed at once since
# something else is asked of the record: the judge took it for one that names what the form had shown (INB-10).
script versions, seed 15853325, steps 5 7 10 16 17 48 49
