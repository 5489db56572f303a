-- 0.1.0: what the staff page needs where there are hundreds of thousands of packages.

-- Packages in the folder by how long they have been there.
CREATE INDEX packages_in_folder ON packages (staged, id) WHERE state = 'staged';

-- The same words as before, with an index of their beginnings: what somebody types is the beginning of a word.
DROP TABLE package_words;
CREATE VIRTUAL TABLE package_words USING fts5 (title, ie, alma, fields, content = '', columnsize = 0, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO package_words (rowid, title, ie, alma, fields)
    SELECT id, coalesce(title, ''), ie, alma_identifier, coalesce(fields, '') FROM packages;
