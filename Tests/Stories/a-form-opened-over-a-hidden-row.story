# Found by seed 5150245. A row lay hidden for want of what it refers to, was entered again, and a form was opened before that was
# sealed: the judge thought that the author had seen what lay hidden (INB-10).
script net, seed 5150245, steps 3 39 41 43 48
