# Found by seed 5066353. A device had entered a client outside its scopes, and a snapshot took it away. When a visit of somebody
# else brought the client into its scopes, the hub thought that the device still held what it had entered (SCO-13).
script scopes, seed 5066353, steps 2 9 11 12 14 23 25 27
