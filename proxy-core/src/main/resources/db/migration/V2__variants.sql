-- A path may have several contents, of which the client's Accept chooses one; a list may have a next page.
-- The table is made anew, since SQLite cannot change a primary key. Runs on SQLite and on PostgreSQL alike.

ALTER TABLE artifacts RENAME TO artifacts_v1;

DROP INDEX artifacts_by_last_access;

DROP INDEX artifacts_by_blob;

CREATE TABLE artifacts (
  remote TEXT NOT NULL,
  path TEXT NOT NULL,
  variant TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL REFERENCES blobs (sha256),
  content_type TEXT,
  content_encoding TEXT,
  content_disposition TEXT,
  content_language TEXT,
  etag TEXT,
  last_modified TEXT,
  link TEXT,
  proof TEXT NOT NULL,
  stored_at BIGINT NOT NULL,
  validated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  hits BIGINT NOT NULL DEFAULT 0,
  last_access BIGINT NOT NULL,
  first_seen BIGINT NOT NULL,
  PRIMARY KEY (remote, path, variant)
);

INSERT INTO artifacts (remote, path, sha256, content_type, content_encoding, content_disposition,
                       content_language, etag, last_modified, proof, stored_at, validated_at,
                       expires_at, hits, last_access, first_seen)
SELECT remote, path, sha256, content_type, content_encoding, content_disposition,
       content_language, etag, last_modified, proof, stored_at, validated_at,
       expires_at, hits, last_access, first_seen
FROM artifacts_v1;

DROP TABLE artifacts_v1;

-- The walk from the least recently used artifact upwards.
CREATE INDEX artifacts_by_last_access ON artifacts (last_access);

-- Whether another artifact names the blob, and when that was last asked for.
CREATE INDEX artifacts_by_blob ON artifacts (sha256, last_access);
