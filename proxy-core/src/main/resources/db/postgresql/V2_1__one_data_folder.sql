-- PostgreSQL only; the versions of db/migration go on around it.

-- Digests and paths are bytes to us. "C" compares them so: it is what SQLite does, what an update of the
-- system's locales cannot change under an index, and faster.
ALTER TABLE blobs ALTER COLUMN sha256 TYPE TEXT COLLATE "C";

ALTER TABLE artifacts
  ALTER COLUMN remote TYPE TEXT COLLATE "C",
  ALTER COLUMN path TYPE TEXT COLLATE "C",
  ALTER COLUMN variant TYPE TEXT COLLATE "C",
  ALTER COLUMN sha256 TYPE TEXT COLLATE "C";

-- Whose catalog this is: the rows name files of one data folder, and the process that was started last on
-- that folder writes them. Each writing transaction locks the row.
CREATE TABLE catalog_owner (
  only_row BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (only_row),
  folder TEXT NOT NULL,
  run TEXT NOT NULL
);
