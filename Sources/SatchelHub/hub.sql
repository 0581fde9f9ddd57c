-- The devices that may join the data set. A token admits one device key, ever.
-- epoch, position, scopes: where the device said it stood in its last bundle; what it lacks is counted from there.
-- retired: when an operator gave it up, milliseconds since 1970; it no longer holds up clean-up (EXC-23).
-- adopted_epoch, adopted_position: where the device stood when it last handed in its rows (EXC-29).
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
    adopted_epoch INTEGER,
    adopted_position INTEGER
) WITHOUT ROWID;

-- The changesets of each device's last bundle: of these its next reply says which the hub has (EXC-20).
CREATE TABLE IF NOT EXISTS satchel_handed(
    device TEXT NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (device, dot)
) WITHOUT ROWID;
