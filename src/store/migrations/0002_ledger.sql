-- 0.1.0: a ledger of windows, repairs, and records that vanished without a tombstone.

-- One line per list asked of a feed, from its first request to the proof that it is complete.
CREATE TABLE lists (
    id          INTEGER PRIMARY KEY,
    feed        INTEGER NOT NULL REFERENCES feeds (id),
    from_date   INTEGER,                   -- NULL: everything that the feed has
    held_before INTEGER NOT NULL,          -- records of the feed, deleted ones aside, when it began
    begun       INTEGER NOT NULL,
    ended       INTEGER                    -- when it was proven complete, but for windows that are missing
) STRICT;
CREATE UNIQUE INDEX one_list_open ON lists (feed) WHERE ended IS NULL;

-- The windows of each list: what was asked, what came, what is still to be done.
CREATE TABLE ledger (
    feed           INTEGER NOT NULL REFERENCES feeds (id),
    number         INTEGER NOT NULL,
    list           INTEGER NOT NULL REFERENCES lists (id),
    from_date      INTEGER,
    until_date     INTEGER,
    state          TEXT NOT NULL,          -- open, unproven, done, split, missing
    token          TEXT,                   -- the way on; NULL: begin at the first page
    attempts       INTEGER NOT NULL,
    pages          INTEGER NOT NULL,
    records        INTEGER NOT NULL,       -- as they came
    distinct_ids   INTEGER NOT NULL,
    deleted        INTEGER NOT NULL,
    quarantined    INTEGER NOT NULL,
    nameless       INTEGER NOT NULL,       -- quarantined, and nobody knows their identifier
    repaired       TEXT NOT NULL,          -- kind=count, separated by blanks
    bytes          INTEGER NOT NULL,
    announced      INTEGER,                -- completeListSize
    first_response INTEGER,                -- responseDate of the first page
    highest        INTEGER,                -- highest datestamp so far
    in_order       INTEGER NOT NULL,       -- 1 while datestamps only rose
    problem        TEXT NOT NULL,
    PRIMARY KEY (feed, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_by_state ON ledger (feed, state);
CREATE INDEX ledger_by_list ON ledger (list);

-- A window that was being harvested goes on.
INSERT INTO lists (id, feed, from_date, held_before, begun)
    SELECT feed, feed, CAST(strftime('%s', from_date) AS INTEGER) * 1000, 0, coalesce(first_response, 0) FROM windows;
INSERT INTO ledger (feed, number, list, from_date, state, token, attempts, pages, records, distinct_ids, deleted, quarantined,
                    nameless, repaired, bytes, first_response, highest, in_order, problem)
    SELECT feed, 1, feed, CAST(strftime('%s', from_date) AS INTEGER) * 1000, 'open', token, 1, pages, records, records, deleted,
           quarantined, nameless, '', 0, first_response, highest, 0, '' FROM windows;
DROP TABLE windows;

ALTER TABLE records ADD COLUMN repairs TEXT NOT NULL DEFAULT '';  -- what had to be put right before it could be read
ALTER TABLE records ADD COLUMN gone INTEGER;                      -- when it was found to have vanished without a tombstone
