-- 0.2.0: what the last pull could not bring from Alma into ArchivesSpace, and why.
CREATE TABLE pull_ends (
    uri     TEXT NOT NULL,                 -- the resource
    part    TEXT NOT NULL,                 -- the path of a field, the URI of a box, or nothing: all of the resource
    label   TEXT NOT NULL,                 -- what stands on the box
    planned INTEGER NOT NULL,
    outcome TEXT NOT NULL,                 -- held, failed or waiting
    code    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    PRIMARY KEY (uri, part)
) STRICT, WITHOUT ROWID;

-- Whether a person was asked about a target before, and what was written to it last.
CREATE INDEX intents_by_target ON intents (target, id);
