-- 0.2.0: holdings and items of the push.

-- What an intent writes to, as far as it is known.
ALTER TABLE intents ADD COLUMN place TEXT NOT NULL DEFAULT '';        -- of a holding that is made: `SPEC manuscripts`
ALTER TABLE intents ADD COLUMN holding TEXT NOT NULL DEFAULT '';
ALTER TABLE intents ADD COLUMN item TEXT NOT NULL DEFAULT '';
ALTER TABLE intents ADD COLUMN container TEXT NOT NULL DEFAULT '';    -- /repositories/2/top_containers/1
CREATE INDEX intents_by_holding ON intents (holding, id) WHERE holding <> '';
CREATE INDEX intents_by_item ON intents (item, id) WHERE item <> '';

-- What became of each place at which a resource's bib shall have a holding.
CREATE TABLE shelves (
    uri     TEXT NOT NULL,                 -- of the resource
    place   TEXT NOT NULL,
    mms     TEXT NOT NULL,
    holding TEXT NOT NULL,                 -- empty while there is none
    planned INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    code    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    PRIMARY KEY (uri, place)
) STRICT, WITHOUT ROWID;

-- Places that a person has asked for, beside those of the rules.
CREATE TABLE places_asked_for (
    uri   TEXT NOT NULL,
    place TEXT NOT NULL,
    who   TEXT NOT NULL,
    why   TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (uri, place)
) STRICT, WITHOUT ROWID;

-- Boxes, and what became of the item of each.
CREATE TABLE containers (
    uri        TEXT PRIMARY KEY,           -- /repositories/2/top_containers/1
    repository INTEGER NOT NULL,
    digest     BLOB NOT NULL,              -- of what the JSON says, without bookkeeping and without what Alma calls it
    json       BLOB NOT NULL,              -- whole, as ArchivesSpace gave it, compressed
    label      TEXT NOT NULL,
    barcode    TEXT NOT NULL,
    seen       INTEGER NOT NULL,
    changed    INTEGER NOT NULL,
    gone       INTEGER,
    mms        TEXT NOT NULL DEFAULT '',   -- where its item is:
    holding    TEXT NOT NULL DEFAULT '',
    item       TEXT NOT NULL DEFAULT '',
    process    TEXT NOT NULL DEFAULT '',   -- what Alma was doing with it when it was looked at: LOAN, TRANSIT, requested
    planned    INTEGER,
    outcome    TEXT NOT NULL DEFAULT '',
    code       TEXT NOT NULL DEFAULT '',
    detail     TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX containers_by_outcome ON containers (outcome, uri);

-- Of which resources a box holds parts; more than one makes it a shared box.
CREATE TABLE container_resources (
    container TEXT NOT NULL,
    resource  TEXT NOT NULL,
    position  INTEGER NOT NULL,            -- as ArchivesSpace lists them
    PRIMARY KEY (container, resource)
) STRICT, WITHOUT ROWID;
CREATE INDEX container_resources_by_resource ON container_resources (resource, container);

-- As `gathered`, for boxes.
CREATE TABLE containers_gathered (
    repository INTEGER PRIMARY KEY,
    since      INTEGER NOT NULL,
    compared   INTEGER
) STRICT;
