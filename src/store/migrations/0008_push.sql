-- 0.2.0: the push from ArchivesSpace to Alma.

-- What ArchivesSpace said of each resource, and what the last plan made of it.
CREATE TABLE resources (
    uri            TEXT PRIMARY KEY,       -- /repositories/2/resources/1
    repository     INTEGER NOT NULL,
    digest         BLOB NOT NULL,          -- of what the JSON says, without bookkeeping and without the MMS ID
    json           BLOB NOT NULL,          -- whole, as ArchivesSpace gave it, compressed
    marc           BLOB,                   -- its own export, compressed; NULL while it is still to be fetched
    mms            TEXT NOT NULL,          -- what the field for the MMS ID holds; may be empty
    title          TEXT NOT NULL,
    seen           INTEGER NOT NULL,
    changed        INTEGER NOT NULL,       -- when the digest became another one
    gone           INTEGER,                -- since when ArchivesSpace does not show it any more
    planned        INTEGER,                -- when it was planned last, and from what:
    planned_digest BLOB,
    planned_mms    TEXT,
    planned_rules  BLOB,
    outcome        TEXT NOT NULL DEFAULT '',
    code           TEXT NOT NULL DEFAULT '',
    detail         TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX resources_by_mms ON resources (mms) WHERE mms <> '';
CREATE INDEX resources_by_outcome ON resources (outcome, uri);
CREATE INDEX resources_without_marc ON resources (uri) WHERE marc IS NULL AND gone IS NULL;

-- Up to when each repository was asked, by ArchivesSpace's clock.
CREATE TABLE gathered (
    repository INTEGER PRIMARY KEY,
    since      INTEGER NOT NULL,
    compared   INTEGER                     -- when all its identifiers were compared last
) STRICT;

-- Resources that ArchivesSpace showed and could not give: asked for again, whenever they were saved.
CREATE TABLE unread (
    uri        TEXT PRIMARY KEY,
    repository INTEGER NOT NULL,
    why        TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which bib describes a resource, and how that is known.
CREATE TABLE links (
    uri TEXT PRIMARY KEY,
    mms TEXT NOT NULL,
    how TEXT NOT NULL,                     -- field, mark, created, adopted
    who TEXT NOT NULL,
    at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_mms ON links (mms);

-- One row for everything that the push writes: into Alma, into ArchivesSpace, into a file.
CREATE TABLE intents (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never again for something else: people decide by number
    run           INTEGER,
    subject       TEXT NOT NULL,           -- the resource
    kind          TEXT NOT NULL,
    target        TEXT NOT NULL,           -- what is written: `bib 99…`, `MMS ID of /repositories/…`
    state         TEXT NOT NULL,
    mms           TEXT NOT NULL,           -- of the bib, as soon as it is known
    before_image  BLOB,                    -- what the target held, compressed
    before_digest BLOB,
    body          BLOB NOT NULL,           -- what it shall hold, compressed
    digest        BLOB NOT NULL,
    after_image   BLOB,                    -- what it held when it was done, as the other system told
    made_by       TEXT NOT NULL,           -- digest of the rules
    undoes        INTEGER,                 -- the intent that this one takes back
    code          TEXT NOT NULL,           -- why it is held; the name of the file that it goes into
    reason        TEXT NOT NULL,           -- why it is held or failed, in words
    planned       INTEGER NOT NULL,
    sent          INTEGER,
    unanswered    INTEGER,                 -- when the answer was given up first
    ended         INTEGER
) STRICT;
-- Whatever is written, it is written by one intent at a time.
CREATE UNIQUE INDEX one_open_intent ON intents (target)
    WHERE state IN ('planned', 'sent', 'unknown');
-- Two resources may want the same bib: that is shown at both.
CREATE UNIQUE INDEX one_held_intent ON intents (subject, target) WHERE state = 'held';
CREATE INDEX intents_by_subject ON intents (subject, id);
CREATE INDEX intents_by_state ON intents (state, id);
CREATE INDEX intents_by_run ON intents (run, id);

-- What persons decided about intents: about exactly this content over exactly that one.
CREATE TABLE verdicts (
    id      INTEGER PRIMARY KEY,
    verb    TEXT NOT NULL,
    intent  INTEGER NOT NULL,
    subject TEXT NOT NULL,
    target  TEXT NOT NULL,
    digest  BLOB NOT NULL,
    before_digest BLOB,
    who     TEXT NOT NULL,
    why     TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX verdicts_by_target ON verdicts (target, id);
