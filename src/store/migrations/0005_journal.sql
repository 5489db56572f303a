-- 0.2.0: an append-only journal, and what records named before they were deleted.

-- One line for everything that was done to a package or decided about an IE. `store/journal.rs` says what the digests are of.
CREATE TABLE journal (
    id              INTEGER PRIMARY KEY,   -- 1, 2, 3 and so on, without a gap
    at              INTEGER NOT NULL,
    who             TEXT NOT NULL,         -- the account under which the program ran
    program         TEXT NOT NULL,         -- name and version
    event           TEXT NOT NULL,
    ie              TEXT NOT NULL,         -- empty when it concerns the whole store
    package         INTEGER,
    run             INTEGER,
    alma_identifier TEXT NOT NULL,
    alma_datestamp  TEXT NOT NULL,
    stylesheet      TEXT NOT NULL,         -- name and digest
    before_digest   BLOB,                  -- SHA-256 of what Rosetta's feed showed of the IE
    after_digest    BLOB,                  -- SHA-256 of the file for the staging folder
    detail          TEXT NOT NULL,
    previous        BLOB NOT NULL,         -- digest of the entry before; 32 zero bytes in the first
    digest          BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_ie ON journal (ie, id);

CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only: no entry is ever changed');
END;
CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only: no entry is ever removed');
END;
-- REPLACE would otherwise remove an entry without waking the trigger above.
CREATE TRIGGER journal_only_grows BEFORE INSERT ON journal
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM journal)
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only: an entry comes after the last one');
END;

-- Packages up to this number are older than the journal, which knows nothing of what became of them before.
INSERT INTO meta (key, value) SELECT 'packages-before-journal', coalesce(max(id), 0) FROM packages;

-- Which IEs an Alma record named before it was deleted or suppressed: a tombstone does not say.
CREATE TABLE former_claims (
    record INTEGER NOT NULL,
    ie     TEXT NOT NULL,
    PRIMARY KEY (record, ie)
) STRICT, WITHOUT ROWID;
-- For records that were deleted before this table was there, our packages know it.
INSERT INTO former_claims (record, ie)
    SELECT DISTINCT packages.record, packages.ie FROM packages
    JOIN outcomes ON outcomes.record = packages.record AND outcomes.code IN ('deleted', 'suppressed');
