-- 0.2.0: IEs of Rosetta that no bib names get one, and a remote representation at it.

-- What the last run of `link` made of each IE that no Alma record names.
CREATE TABLE ie_links (
    ie             TEXT PRIMARY KEY,
    mms            TEXT NOT NULL,          -- of the bib, as soon as it is known
    representation TEXT NOT NULL,          -- Alma's number of it; an import may give it another one
    how            TEXT NOT NULL,          -- own-035, identifier, created; empty while nothing is linked
    title          TEXT NOT NULL,
    planned        INTEGER NOT NULL,       -- when it was planned last, and from what:
    planned_digest BLOB NOT NULL,          -- of what Rosetta shows
    planned_rules  BLOB,                   -- NULL: to be planned again
    outcome        TEXT NOT NULL,
    code           TEXT NOT NULL,
    detail         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ie_links_by_outcome ON ie_links (outcome, ie);

-- One row for everything that `link` writes into Alma.
CREATE TABLE link_intents (
    id             INTEGER PRIMARY KEY AUTOINCREMENT, -- never again for something else: people decide by number
    run            INTEGER,
    ie             TEXT NOT NULL,
    kind           TEXT NOT NULL,
    target         TEXT NOT NULL,          -- `bib of IE7`, `representation of IE7`
    state          TEXT NOT NULL,
    mms            TEXT NOT NULL,          -- of the bib, as soon as it is known
    representation TEXT NOT NULL,
    body           BLOB NOT NULL,          -- what is written, or what is taken away, compressed
    digest         BLOB NOT NULL,
    after_image    BLOB,                   -- what Alma answered with
    made_by        TEXT NOT NULL,          -- digest of the rules
    undoes         INTEGER,                -- the intent that this one takes back
    code           TEXT NOT NULL,          -- why it is held
    reason         TEXT NOT NULL,          -- why it is held or failed, in words
    planned        INTEGER NOT NULL,
    sent           INTEGER,
    unanswered     INTEGER,                -- when the answer was given up first
    ended          INTEGER
) STRICT;
CREATE UNIQUE INDEX one_open_link_intent ON link_intents (target)
    WHERE state IN ('planned', 'sent', 'unknown');
CREATE UNIQUE INDEX one_held_link_intent ON link_intents (ie) WHERE state = 'held';
CREATE INDEX link_intents_by_ie ON link_intents (ie, id);
CREATE INDEX link_intents_by_state ON link_intents (state, id);
CREATE INDEX link_intents_by_run ON link_intents (run, id);

-- What persons decided about them: about exactly this content.
CREATE TABLE link_verdicts (
    id     INTEGER PRIMARY KEY,
    verb   TEXT NOT NULL,
    intent INTEGER NOT NULL,
    ie     TEXT NOT NULL,
    target TEXT NOT NULL,
    digest BLOB NOT NULL,
    who    TEXT NOT NULL,
    why    TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
CREATE INDEX link_verdicts_by_ie ON link_verdicts (ie, id);
