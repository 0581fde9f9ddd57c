-- The devices that may join the data set. A token admits one device key, ever.
-- epoch, position, scopes: where the device said it stood in its last bundle; what it lacks is counted from there.
-- retired: when an operator gave it up, milliseconds since 1970; it no longer holds up clean-up (EXC-23).
-- schema: the schema that it followed then, first eight bytes of its hash.
-- erased_epoch, erased_position: up to where in the hub's log it has carried out the orders to erase (ERA-8).
-- ahead: milliseconds by which the device's clock was ahead of the hub's at least, at its last bundle.
CREATE TABLE IF NOT EXISTS satchel_device(
    name TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    token_key BLOB NOT NULL,
    device_key BLOB,
    origin BLOB,
    enrolled INTEGER NOT NULL,
    last_seen INTEGER,
    retired INTEGER,
    epoch INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    scopes INTEGER NOT NULL DEFAULT 0,
    ahead INTEGER NOT NULL DEFAULT 0,
    erased_epoch INTEGER NOT NULL DEFAULT 0,
    erased_position INTEGER NOT NULL DEFAULT 0,
    schema INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- The changesets of each device's last bundle: of these its next reply says which the hub has (EXC-20).
CREATE TABLE IF NOT EXISTS satchel_handed(
    device TEXT NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (device, dot)
) WITHOUT ROWID;
