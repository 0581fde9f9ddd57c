-- What a replica keeps beside the people's tables. Every name begins with satchel_.

-- Facts about the replica itself: format, data set, keys, identity, standing with the hub.
CREATE TABLE satchel_meta(
    name TEXT PRIMARY KEY,
    value
) WITHOUT ROWID;

-- Synced tables by number, those that the schema here does not have too. A table is its name and the columns of its key
-- (VER-11): `key` holds their names, as the canonical form of a key. `columns` is the column list that the row marks were
-- made under.
CREATE TABLE satchel_table(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key BLOB NOT NULL,
    columns TEXT NOT NULL DEFAULT '',
    UNIQUE (name, key)
);

-- Units by number within their table, never renumbered. 0 is a row's existence and is not listed. since: the number of the
-- newest dot when the unit came into a table that was there; a row whose one dot is not above it has no such unit. own: the
-- schema here has it, or had it. A unit is its name and its columns (VER-13).
CREATE TABLE satchel_unit(
    tbl INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    columns TEXT NOT NULL,
    since INTEGER NOT NULL DEFAULT 0,
    own INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tbl, id)
) WITHOUT ROWID;

-- References that the schema declares, or declared of tables and columns that it has no more. columns: the names under
-- which they travel, in the order of the parent's key (ERA-11).
CREATE TABLE satchel_reference(
    child INTEGER NOT NULL,
    columns TEXT NOT NULL,
    parent INTEGER NOT NULL,
    PRIMARY KEY (child, columns, parent)
) WITHOUT ROWID;

-- Lines of writes, by number.
CREATE TABLE satchel_origin(
    id INTEGER PRIMARY KEY,
    origin BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    certificate BLOB NOT NULL
);

-- The lives of the hub, and the positions at which they begin; empty: it was never restored (EXC-28).
CREATE TABLE satchel_epoch(
    epoch INTEGER PRIMARY KEY,
    start INTEGER NOT NULL
);

-- Changesets that nobody has any more, as far as is known; whatever builds on them does not wait (EXC-30).
CREATE TABLE satchel_lost(
    dot INTEGER PRIMARY KEY
);

-- On a device: changesets of which the hub has set a row aside, as its last reply said: the rows here do not follow from
-- them (EXC-29).
CREATE TABLE satchel_hub_aside(
    dot INTEGER PRIMARY KEY
);

-- At a restored hub: rows that were handed in follow from the changesets of a context; those are not applied to the
-- rows once more when they come (EXC-30).
CREATE TABLE satchel_context(
    context INTEGER NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (dot, context)
) WITHOUT ROWID;
-- How far who handed them in had carried out orders to erase (ERA-11).
CREATE TABLE satchel_adoption(
    context INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL
);
CREATE TABLE satchel_accounted(
    h INTEGER NOT NULL,
    context INTEGER NOT NULL,
    PRIMARY KEY (h, context)
) WITHOUT ROWID;

-- Of these, what is not in a row after all, since a changeset has come to have no effect that had replaced it (EXC-44).
CREATE TABLE satchel_unaccounted(
    h INTEGER NOT NULL,
    context INTEGER NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (h, dot, context)
) WITHOUT ROWID;

-- At a restored hub: candidates, and with unit -1 deletions, that were replaced before they came (EXC-13).
CREATE TABLE satchel_ghost(
    h INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (h, unit, dot)
) WITHOUT ROWID;

-- At a restored hub: what rows held of what was handed in, when a changeset replaced it that may come to have no effect
-- (EXC-44).
CREATE TABLE satchel_replaced(
    h INTEGER PRIMARY KEY,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    state BLOB NOT NULL
);

-- What the hub made known to all: devices that are shut out, changesets that count after all (REV-1). position: at the
-- hub, the length of its log then. awaits: on a device, the rows that it changes have not come from the hub (EXC-29).
CREATE TABLE satchel_notice(
    hash BLOB PRIMARY KEY,
    bytes BLOB NOT NULL,
    signature BLOB NOT NULL,
    position INTEGER NOT NULL,
    awaits INTEGER NOT NULL
) WITHOUT ROWID;

-- Lines that this replica wrote before the one it writes now, and why it left them: copied, restored, forked.
-- sequence: how far it wrote them.
CREATE TABLE satchel_line(
    origin BLOB PRIMARY KEY,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;

-- Dots by number: rows name a changeset by this small integer. time: hybrid; reading and offset: the author's clock, and
-- what it knew to add to it. met: when this replica took it in, by its own clock. position: on a device, a position of
-- the hub's log at or below which it lies; 0: not known to be at the hub.
-- hub, on a device: 1 = the hub said that it has it.
--   2 = a hub that is gone said so. 3 = rows from the hub follow from it.
CREATE TABLE satchel_dot(
    id INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    time INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reading INTEGER,
    offset INTEGER NOT NULL DEFAULT 0,
    met INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    hub INTEGER NOT NULL DEFAULT 0,
    UNIQUE (origin, sequence, tag)
);

-- Changesets kept whole. standing: 0 parked, 1 pending (applied here, not known to be at the hub), 2 settled.
-- withheld: 1 = known for order, without effect (REV-2).
-- arrival: the order in which they were applied or parked here, causes first; at the hub, the position.
-- redaction: who vouches for the content, where a person was erased from it and it is not the author's any more.
-- made: on a device, when its author made the first bundle with it, by the clock of that device; null: not known.
CREATE TABLE satchel_changeset(
    dot INTEGER PRIMARY KEY,
    standing INTEGER NOT NULL,
    arrival INTEGER NOT NULL UNIQUE,
    header BLOB NOT NULL,
    signature BLOB NOT NULL,
    content BLOB NOT NULL,
    withheld INTEGER NOT NULL DEFAULT 0,
    length INTEGER NOT NULL,
    made INTEGER,
    redaction BLOB
);
CREATE INDEX satchel_unsettled ON satchel_changeset(standing, arrival) WHERE standing < 2;

-- Each parked changeset, under the first thing that it lacks: a changeset, by the number of its origin and its
-- sequence; or, with origin 0, the hub's state up to the position `sequence`; or, with origin
-- -1, a program that reads contents of the version `sequence`. author: the number of its own origin;
-- bytes: what it takes.
CREATE TABLE satchel_wait(
    dot INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    author INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE INDEX satchel_waiting ON satchel_wait(origin, sequence);

-- What others said of changesets that are not here, to tell a person what to look for (EXC-34). Nothing else uses it.
CREATE TABLE satchel_rumour(
    dot INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    made INTEGER,
    device TEXT NOT NULL
);

-- On a device: the hub's whole clock at the device's position. On the hub: the heads of what it applied. A line has one
-- head, and a forked line one for each of its branches.
CREATE TABLE satchel_clock(
    origin INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    PRIMARY KEY (origin, sequence, tag)
) WITHOUT ROWID;

-- The clock of each row that is in its table. h: a hash of table and key, keyed by a secret of this replica.
-- dot: existence and every unit not in `detail`. mark: a checksum of the row, for doctor.
CREATE TABLE satchel_row(
    h INTEGER PRIMARY KEY,
    dot INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    detail BLOB
);

-- Rows that are held and not in their table, with their whole state. fate: 0 dead, 1 aside for want of a row it
-- refers to, 2 aside for a constraint of the table, 3 incomplete, 4 of a table that is not known here, 5 fallen with a
-- row that it refers to. At the hub position is where in its log the row last moved (EXC-13), and since the time of its
-- clock then; elsewhere both are 0.
CREATE TABLE satchel_grave(
    h INTEGER PRIMARY KEY,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    fate INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    state BLOB NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX satchel_aside ON satchel_grave(fate, tbl) WHERE fate > 0;
CREATE INDEX satchel_dead ON satchel_grave(position) WHERE fate = 0;

-- At the hub: dead rows that it dropped (EXC-23), never sent, for a late change that still names them (EXC-26).
-- dropped: the position at which that happened.
CREATE TABLE satchel_archive(
    h INTEGER PRIMARY KEY,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    dropped INTEGER NOT NULL,
    state BLOB NOT NULL
);
CREATE INDEX satchel_archive_dropped ON satchel_archive(dropped);

-- By which deletions the archived rows fell: a row that comes back brings back what fell with it (EXC-26).
CREATE TABLE satchel_archive_fell(
    h INTEGER NOT NULL,
    dot INTEGER NOT NULL,
    PRIMARY KEY (h, dot)
) WITHOUT ROWID;
CREATE INDEX satchel_archive_fell_dot ON satchel_archive_fell(dot);

-- At the hub: rows that moved at a position without being named by the changeset there; replies add them (EXC-26). On a device, of
-- rows that it had not, the position of the reply that brought them, without their keys (INB-13).
CREATE TABLE satchel_moved(
    h INTEGER PRIMARY KEY,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX satchel_moved_position ON satchel_moved(position);

-- At the hub: which row names which in a candidate that its table does not show (EXC-23).
CREATE TABLE satchel_naming(
    child INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    PRIMARY KEY (child, parent)
) WITHOUT ROWID;
CREATE INDEX satchel_naming_parent ON satchel_naming(parent);

-- What people said about the data and not in it, synced like their own tables (SCH-29): name is a topic, "/", and what
-- the fact is about; a value of NULL takes it back.
CREATE TABLE satchel_fact(
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT
) WITHOUT ROWID;

-- References that the people's tables do not show. parent: the number of the row referred to, held or not. kind of the
-- referring row: 0 dead, 1 alive or wanted and not shown, 2 dead and shown, 3 shown with NULL in the reference,
-- 4 shown with another row in its place, into which the one named was merged.
CREATE TABLE satchel_unseen(
    parent INTEGER NOT NULL,
    child INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (parent, child)
) WITHOUT ROWID;
CREATE INDEX satchel_unseen_child ON satchel_unseen(child);
CREATE INDEX satchel_unseen_waiting ON satchel_unseen(kind) WHERE kind = 1;

-- Merges that stand: the number of the row that was merged, of the row that it names, and the merged row's key.
CREATE TABLE satchel_into(
    h INTEGER NOT NULL,
    target INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (h, target)
) WITHOUT ROWID;
CREATE INDEX satchel_into_target ON satchel_into(target);

-- Unique places that rows want and no table shows, as a hash: rows of the graveyard, and rows with NULL in a reference.
CREATE TABLE satchel_claim(
    place INTEGER NOT NULL,
    h INTEGER NOT NULL,
    PRIMARY KEY (place, h)
) WITHOUT ROWID;
CREATE INDEX satchel_claim_row ON satchel_claim(h);

-- On a device of some scopes: the rows that are dead and shown at the hub because of a row outside the scopes.
CREATE TABLE satchel_kept(
    h INTEGER PRIMARY KEY,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL
);

-- Open conflicts. kind: 0 values of a unit, 1 deleted but edited, 2 deleted but in use. Ids are short (MRG-18): of many
-- thousands two may be equal.
CREATE TABLE satchel_conflict(
    id TEXT NOT NULL,
    h INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    tbl INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (id, h, unit)
) WITHOUT ROWID;
CREATE INDEX satchel_conflict_row ON satchel_conflict(h);

-- What units in conflict held before, by the conflict's id, as the hub told it (INB-2). rivals: the writes, by number, of
-- which that is known.
CREATE TABLE satchel_base(
    conflict TEXT PRIMARY KEY,
    vals BLOB NOT NULL,
    rivals BLOB NOT NULL
) WITHOUT ROWID;

-- The last decision of each conflict, as far as it was applied here as a changeset, and the row as it was before: what an
-- undo goes back to (INB-8). kind and unit as in satchel_conflict; h: the row's clock number. Names that begin with + or = are
-- no conflicts: rows that went with a decision (MRG-46), and what a merge made here took over another value of (MRG-56).
CREATE TABLE satchel_decision(
    conflict TEXT PRIMARY KEY,
    dot INTEGER NOT NULL,
    h INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    tbl INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    key BLOB NOT NULL,
    was BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX satchel_decision_row ON satchel_decision(h);

-- Overwrites by plain SQL of values that a merge had brought and that the writer perhaps had not seen (INB-11).
-- id: as of a conflict of that unit. dot: the write; was, vals: the values before (of a counter also what the write added, as its
-- state) and after; was_dot: who wrote those before.
CREATE TABLE satchel_overwrite(
    id TEXT PRIMARY KEY,
    h INTEGER NOT NULL,
    tbl INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    key BLOB NOT NULL,
    dot INTEGER NOT NULL,
    was_dot INTEGER NOT NULL,
    was BLOB NOT NULL,
    vals BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX satchel_overwrite_row ON satchel_overwrite(h);

-- The other rows on which values stood that are kept with a decision (list 0) or an overwrite (list 1), by its id, or with the
-- saved forms of a row (list 3), by its clock number: those that were merged into its row then. When one of them is erased, what
-- is kept goes too (INB-12). List 2: rows that were in their table already when a change of their existence came, by the number
-- of its dot: a value that came with it was seen by nobody (INB-11). List 4: rows that came back to their table with it: such a
-- value was the first that anybody saw here since. List 5: what counters of a row showed before what came in changed them, since
-- something of the row was last sealed here: the unit, the newest dot then, and the number. List 6: rows that merges connected
-- with such a row, by its clock number.
CREATE TABLE satchel_stood(
    h INTEGER NOT NULL,
    list INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (h, list, id)
) WITHOUT ROWID;
CREATE INDEX satchel_stood_id ON satchel_stood(list, id);

-- Writes that were based on a view, until they are sealed: these were seen (INB-11).
CREATE TABLE satchel_seen(
    tbl INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (tbl, key, unit)
) WITHOUT ROWID;

-- What forms were last saved with (INB-10). h: the clock number of the row; form: the number that the form got when it was
-- opened; turn: in which order units of the row were saved; dot: the form's last write of the unit that has a name, 0: none has.
-- vals: what it was saved with; stood: what that came to, as it is sealed. open: no write that has a name says vals: it is not
-- sealed, or was no write of the form; until then stood is what the table showed.
CREATE TABLE satchel_form(
    h INTEGER NOT NULL,
    form INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    dot INTEGER NOT NULL,
    open INTEGER NOT NULL,
    vals BLOB NOT NULL,
    stood BLOB NOT NULL,
    PRIMARY KEY (h, form, unit)
) WITHOUT ROWID;

-- Orders to erase, kept for ever: they name nobody. epoch, position: the order's place in the hub's log.
CREATE TABLE satchel_erasure(
    id BLOB PRIMARY KEY,
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
