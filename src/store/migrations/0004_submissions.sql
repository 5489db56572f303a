-- 0.2.0: what apply has sent to Rosetta's web services, and when a file that could not be applied is tried again.

-- One line per file in the staging folder, ours or anybody's; it goes when the file was moved to done or error.
CREATE TABLE submissions (
    name     TEXT PRIMARY KEY,             -- of the file
    digest   BLOB NOT NULL,                -- SHA-256 of its bytes: other bytes under the same name are another file
    ie       TEXT NOT NULL,                -- empty as long as the file cannot be read
    state    TEXT NOT NULL,                -- waiting, locked, denied, sent, applied, refused
    version  TEXT,                         -- of the IE before the file was sent; NULL: Rosetta did not tell
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,             -- not tried again before
    seen     INTEGER NOT NULL,             -- for the first time
    reason   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
