-- 0.1.0: what the staff page filters packages by.

ALTER TABLE outcomes ADD COLUMN title TEXT;       -- of what would be written, cut; for packages and held ones
ALTER TABLE outcomes ADD COLUMN fields TEXT;      -- names of the fields that would change, separated by blanks
ALTER TABLE packages ADD COLUMN title TEXT;
ALTER TABLE packages ADD COLUMN fields TEXT;

-- Words and changed fields of packages, by their ids. Nothing is ever taken out: packages are not deleted.
CREATE VIRTUAL TABLE package_words USING fts5 (title, ie, alma, fields, content = '', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO package_words (rowid, title, ie, alma, fields) SELECT id, '', ie, alma_identifier, '' FROM packages;

CREATE INDEX packages_by_day ON packages (planned, state);
CREATE INDEX packages_by_run ON packages (run, id);
CREATE INDEX packages_diverged ON packages (id) WHERE diverged IS NOT NULL;
