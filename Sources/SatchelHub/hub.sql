-- The devices that may join the data set. A token admits one device key, ever.
-- epoch, position, scopes: where the device said it stood in its last bundle; what it lacks is counted from there.
-- retired: when an operator gave it up, milliseconds since 1970; it no longer holds up clean-up (EXC-23).
-- schema: the schema that it followed then, first eight bytes of its hash.
-- erased_epoch, erased_position: up to where in the hub's log it has carried out the orders to erase (ERA-8).
-- adopted_epoch, adopted_position: where the device stood when it last handed in its rows (EXC-29).
-- receipt_digest, receipt_at: of its last bundle that was accepted and is merged, and when it was accepted (EXC-38).
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
    schema INTEGER NOT NULL DEFAULT 0,
    adopted_epoch INTEGER,
    adopted_position INTEGER,
    receipt_digest BLOB,
    receipt_at INTEGER
) WITHOUT ROWID;

-- The lines that each device came with: two, where its file was copied and both go on (IDN-2). epoch, position, erased_epoch,
-- erased_position: as above, of each. retired: when it was given up, until it comes again. ended: where the hub's log ended when
-- another line of the device first said that it left this one (BND-55); NULL: none did, or it was heard since then.
CREATE TABLE IF NOT EXISTS satchel_device_line(
    device TEXT NOT NULL,
    origin BLOB NOT NULL,
    last_seen INTEGER NOT NULL,
    retired INTEGER,
    epoch INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    erased_epoch INTEGER NOT NULL DEFAULT 0,
    erased_position INTEGER NOT NULL DEFAULT 0,
    ended INTEGER,
    PRIMARY KEY (device, origin)
) WITHOUT ROWID;

-- Which line was said to be left by which.
CREATE TABLE IF NOT EXISTS satchel_device_left(
    origin BLOB NOT NULL,
    by BLOB NOT NULL,
    PRIMARY KEY (origin, by)
) WITHOUT ROWID;

-- The last bundles that each device came with, in that order; whole: 1, all of it was taken. beside: 1, so it was from a folder
-- where it lies under another name than its device's (EXC-49).
CREATE TABLE IF NOT EXISTS satchel_taken(
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    bundle BLOB NOT NULL,
    whole INTEGER NOT NULL,
    beside INTEGER NOT NULL DEFAULT 0,
    UNIQUE (device, bundle)
);

-- Bundles that were accepted and are not merged, in the order of their arrival (EXC-37). device: by the sender's
-- certificate. at: when, milliseconds since 1970. size: bytes. reason: why the merge refused it; NULL: it waits.
-- How many bytes lie here stands in satchel_meta as `accepted_bytes`.
CREATE TABLE IF NOT EXISTS satchel_accepted(
    arrival INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    device TEXT NOT NULL,
    at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    reason TEXT,
    bundle BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS satchel_accepted_device ON satchel_accepted(device, size);

-- The changesets of each device's last bundle: of these its next reply says which the hub has (EXC-20).
CREATE TABLE IF NOT EXISTS satchel_handed(
    device TEXT NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (device, dot)
) WITHOUT ROWID;

-- Scopes by number, and their rules as text. Number 0 is `all` and is not listed.
CREATE TABLE IF NOT EXISTS satchel_scope(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS satchel_scope_rule(
    scope INTEGER NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (scope, rule)
) WITHOUT ROWID;

-- Which device was served which scope, from position `since` up to and without `until`; NULL: it still is.
CREATE TABLE IF NOT EXISTS satchel_scope_grant(
    device TEXT NOT NULL,
    scope INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (device, scope, since)
) WITHOUT ROWID;

-- What the tag of a set of scopes stands for: their numbers, joined by commas.
CREATE TABLE IF NOT EXISTS satchel_scope_set(tag INTEGER PRIMARY KEY, scopes TEXT NOT NULL);

-- Positions at which a reply for the set of this tag was written for a device: the latest of them.
CREATE TABLE IF NOT EXISTS satchel_scope_sent(
    device TEXT NOT NULL,
    tag INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (device, tag, position)
) WITHOUT ROWID;

-- The rows that scopes know, by the hash of table and key. born: the position at which a changeset first named it; 0:
-- before there were scopes. held: whether anything is held of it.
CREATE TABLE IF NOT EXISTS satchel_scope_row(
    h INTEGER PRIMARY KEY,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    born INTEGER NOT NULL,
    held INTEGER NOT NULL
);

-- Which row references which, by any candidate. tbl: the child's table. reference: its place among the foreign keys
-- of that table. shown: whether the shown value names it.
CREATE TABLE IF NOT EXISTS satchel_scope_edge(
    child INTEGER NOT NULL,
    reference INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    tbl INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    PRIMARY KEY (child, reference, parent)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS satchel_scope_edge_parent ON satchel_scope_edge(parent);

-- Which row is in which scope, from position `entered` up to and without `ended`; NULL: it still is. core: not only as
-- what another row references.
CREATE TABLE IF NOT EXISTS satchel_scope_stay(
    scope INTEGER NOT NULL,
    h INTEGER NOT NULL,
    entered INTEGER NOT NULL,
    ended INTEGER,
    core INTEGER NOT NULL,
    PRIMARY KEY (scope, h, entered)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS satchel_scope_now ON satchel_scope_stay(h, scope) WHERE ended IS NULL;
CREATE INDEX IF NOT EXISTS satchel_scope_entered ON satchel_scope_stay(scope, entered);
CREATE INDEX IF NOT EXISTS satchel_scope_ended ON satchel_scope_stay(scope, ended) WHERE ended IS NOT NULL;

-- Changes that were set aside because their author could not hold the row. accepted: 1, it counts: an operator
-- took it in, or it came into scope, or a row was handed in that follows from it.
CREATE TABLE IF NOT EXISTS satchel_scope_aside(
    dot INTEGER NOT NULL,
    h INTEGER NOT NULL,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    device TEXT NOT NULL,
    reason TEXT NOT NULL,
    accepted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (dot, h)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS satchel_scope_aside_row ON satchel_scope_aside(h);

-- What was handed over, from whom to whom, and when.
CREATE TABLE IF NOT EXISTS satchel_handover(
    position INTEGER PRIMARY KEY,
    former TEXT NOT NULL,
    successor TEXT NOT NULL,
    at INTEGER NOT NULL,
    scopes TEXT NOT NULL
);

-- The rows that people saw in the scopes handed over, by the hash of table and key.
CREATE TABLE IF NOT EXISTS satchel_handover_row(
    former TEXT NOT NULL,
    successor TEXT NOT NULL,
    h INTEGER NOT NULL,
    PRIMARY KEY (former, successor, h)
) WITHOUT ROWID;

-- How far the author of a judged changeset was at least. floor: how far their device had said to be in what was merged
-- before the changeset was met; NULL: it was not asked yet.
CREATE TABLE IF NOT EXISTS satchel_scope_cut(dot INTEGER PRIMARY KEY, position INTEGER NOT NULL, floor INTEGER);

-- How far each device has ever said to be.
CREATE TABLE IF NOT EXISTS satchel_scope_claim(device TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
