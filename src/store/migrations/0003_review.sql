-- 0.1.0: decisions of persons, ways back, and what Rosetta was seen to hold after a package was done.

ALTER TABLE outcomes ADD COLUMN shown BLOB;       -- digest of what Rosetta held when this was decided; NULL: nothing
ALTER TABLE outcomes ADD COLUMN alma BLOB;        -- what Alma alone says, compressed, where merging made something else of it
ALTER TABLE packages ADD COLUMN shown BLOB;
ALTER TABLE packages ADD COLUMN alma BLOB;
ALTER TABLE packages ADD COLUMN restores INTEGER; -- the package whose before-image this one brings back
ALTER TABLE packages ADD COLUMN confirmed INTEGER;-- when Rosetta was first seen to hold it; 0: a later one was done before anybody saw
ALTER TABLE packages ADD COLUMN diverged INTEGER; -- when Rosetta was seen to hold something else although it was done

ALTER TABLE packages ADD COLUMN compared TEXT;    -- the version of Rosetta's record that it was last compared with

CREATE INDEX packages_to_confirm ON packages (settled) WHERE state = 'done' AND confirmed IS NULL;

-- What persons decided, and about what exactly: when Alma or Rosetta move on, a decision does not speak for what follows.
CREATE TABLE decisions (
    id      INTEGER PRIMARY KEY,
    verb    TEXT NOT NULL,             -- approve, reject, retry, undo
    ie      TEXT NOT NULL,
    content BLOB NOT NULL,             -- digest of what would be written; of undo: of what was taken back
    shown   BLOB,                      -- digest of what Rosetta held; NULL: nothing
    package INTEGER,                   -- of retry and undo: the package that is meant
    who     TEXT NOT NULL,
    why     TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_ie ON decisions (ie, id);

-- Before-images on their way back. Each goes through the same holds as any description, and then into a package.
CREATE TABLE restorations (
    decision INTEGER PRIMARY KEY REFERENCES decisions (id),
    package  INTEGER NOT NULL REFERENCES packages (id),
    ie       TEXT NOT NULL,
    state    TEXT NOT NULL,            -- package, held, refused, staged
    code     TEXT NOT NULL,            -- of the first hold
    detail   TEXT NOT NULL,            -- why it is held or was refused
    content  BLOB NOT NULL,            -- the dc:record to bring back, compressed
    digest   BLOB NOT NULL,            -- of its content
    shown    BLOB
) STRICT;
CREATE UNIQUE INDEX one_restoration_open ON restorations (ie) WHERE state = 'package' OR state = 'held';

-- What Rosetta's web services said of IEs that are about to change, in the run that asked.
CREATE TABLE stored_records (
    ie        TEXT PRIMARY KEY,
    run       INTEGER NOT NULL,
    content   BLOB,                    -- the dc:record, compressed; NULL: it could not be had
    problem   TEXT NOT NULL,           -- why not
    locked_by TEXT NOT NULL,
    version   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
