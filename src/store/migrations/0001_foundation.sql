-- 0.1.0: what the servers said, what we made of it, what we put into the folder and what became of it.

-- Small facts by name: the digest of the middle, the repository identifier that Rosetta told.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id        INTEGER PRIMARY KEY,
    command   TEXT NOT NULL,
    started   INTEGER NOT NULL,            -- milliseconds since 1970, UTC, here and everywhere
    ended     INTEGER,
    exit_code INTEGER,
    summary   TEXT                         -- the JSON that --json prints
) STRICT;

-- One line per source (base URL, metadata prefix, set). A profile that changes its source begins a new feed.
CREATE TABLE feeds (
    id         INTEGER PRIMARY KEY,
    side       TEXT NOT NULL,              -- rosetta or alma
    source     TEXT NOT NULL,
    checkpoint INTEGER,                    -- where the next window starts, overlap not yet taken off; NULL: the beginning
    completed  INTEGER,                    -- when a list of it was last proven complete
    UNIQUE (side, source)
) STRICT;

-- The window that is being harvested; the line goes when its list was proven complete.
CREATE TABLE windows (
    feed           INTEGER PRIMARY KEY REFERENCES feeds (id),
    from_date      TEXT,                   -- as sent to the server; NULL: none
    first_response INTEGER,                -- responseDate of the first page
    highest        INTEGER,                -- highest datestamp so far
    token          TEXT,                   -- the way on; NULL: begin the window again
    pages          INTEGER NOT NULL,
    records        INTEGER NOT NULL,
    deleted        INTEGER NOT NULL,
    quarantined    INTEGER NOT NULL,
    nameless       INTEGER NOT NULL        -- quarantined without identifier: the list cannot be called complete
) STRICT;

CREATE TABLE records (
    id         INTEGER PRIMARY KEY,
    feed       INTEGER NOT NULL REFERENCES feeds (id),
    identifier TEXT NOT NULL,
    datestamp  TEXT NOT NULL,              -- as the server wrote it
    sets       TEXT NOT NULL,              -- separated by blanks
    body       INTEGER NOT NULL,           -- 0 metadata, 1 deleted, 2 absent, 3 quarantined
    changed    INTEGER NOT NULL,           -- when the content last differed from what we had
    digest     BLOB NOT NULL,              -- SHA-256 of the metadata
    metadata   BLOB                        -- as sent, compressed
) STRICT;
CREATE UNIQUE INDEX records_by_identifier ON records (feed, identifier);

CREATE TABLE quarantine (
    id         INTEGER PRIMARY KEY,
    feed       INTEGER NOT NULL REFERENCES feeds (id),
    identifier TEXT,
    datestamp  TEXT,
    reason     TEXT NOT NULL,
    page       TEXT NOT NULL,              -- the URL of its page
    bytes      BLOB NOT NULL,              -- as sent, compressed
    digest     BLOB NOT NULL,
    seen       INTEGER NOT NULL,
    released   INTEGER                     -- when a readable version came
) STRICT;
CREATE UNIQUE INDEX quarantine_once ON quarantine (feed, digest) WHERE released IS NULL;
CREATE INDEX quarantine_open ON quarantine (feed, identifier) WHERE released IS NULL;

-- Records whose fate has to be decided anew.
CREATE TABLE stale (
    feed   INTEGER NOT NULL,
    record INTEGER NOT NULL,
    local  TEXT NOT NULL,                  -- of the identifier, after the last colon: Rosetta's IE PID
    PRIMARY KEY (feed, record)
) STRICT, WITHOUT ROWID;

-- Which Alma record names which IE, and where.
CREATE TABLE claims (
    ie     TEXT NOT NULL,
    record INTEGER NOT NULL,
    place  TEXT NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (ie, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_record ON claims (record);

-- Computed, and may be deleted at any time together with meta.middle: the next run makes it again.
CREATE TABLE outcomes (
    record   INTEGER NOT NULL,
    ie       TEXT NOT NULL,                -- empty when the record names no IE
    kind     TEXT NOT NULL,                -- package, unchanged, held, skipped
    code     TEXT NOT NULL,                -- of the skip or the first hold; empty otherwise
    detail   TEXT NOT NULL,
    digest   BLOB,                         -- of the new DC's content
    content  BLOB,                         -- the new dc:record, compressed
    prepared INTEGER NOT NULL,
    PRIMARY KEY (record, ie)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_by_kind ON outcomes (kind, code);
CREATE INDEX outcomes_by_ie ON outcomes (ie) WHERE ie <> '';

CREATE TABLE packages (
    id              INTEGER PRIMARY KEY,
    ie              TEXT NOT NULL,
    name            TEXT NOT NULL UNIQUE,
    -- IN with more than two values would make SQLite build a temporary table for each row that is written.
    state           TEXT NOT NULL CHECK (state = 'planned' OR state = 'staged' OR state = 'done' OR state = 'error'
                                         OR state = 'lost' OR state = 'withdrawn'),
    run             INTEGER NOT NULL REFERENCES runs (id),
    record          INTEGER NOT NULL,
    alma_identifier TEXT NOT NULL,
    alma_datestamp  TEXT NOT NULL,
    stylesheet      TEXT NOT NULL,         -- name and digest
    content         BLOB NOT NULL,         -- digest of the DC's content
    file_digest     BLOB NOT NULL,         -- SHA-256 of the file
    bytes           BLOB NOT NULL,         -- the file, compressed
    before_image    BLOB,                  -- what Rosetta showed of the IE, compressed
    planned         INTEGER NOT NULL,
    staged          INTEGER,
    settled         INTEGER,
    reason          TEXT NOT NULL DEFAULT ''
) STRICT;
-- Two files for one IE would be applied one after the other, and nobody could say which one stands.
CREATE UNIQUE INDEX one_package_in_flight ON packages (ie) WHERE state = 'planned' OR state = 'staged' OR state = 'lost';
CREATE INDEX packages_by_ie ON packages (ie, id);
CREATE INDEX packages_by_state ON packages (state, id);
