# Found by seed 10080124. The hub was rebuilt; a device that knew other rows of a changeset handed in a client that it had itself
# entered under the key of one outside its scopes, and the hub took that client for replaced (EXC-29).
script fleet, seed 10080124, steps 3 33
