-- Runs on SQLite and on PostgreSQL alike. Times are milliseconds since the epoch.

CREATE TABLE blobs (
  sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
  size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
  created_at BIGINT NOT NULL
);

CREATE TABLE artifacts (
  remote TEXT NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES blobs (sha256),
  content_type TEXT,
  content_encoding TEXT,
  content_disposition TEXT,
  content_language TEXT,
  etag TEXT,
  last_modified TEXT,
  proof TEXT NOT NULL,
  stored_at BIGINT NOT NULL,
  validated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  hits BIGINT NOT NULL DEFAULT 0,
  last_access BIGINT NOT NULL,
  first_seen BIGINT NOT NULL,
  PRIMARY KEY (remote, path)
);

-- The walk from the least recently used artifact upwards.
CREATE INDEX artifacts_by_last_access ON artifacts (last_access);

-- Whether another artifact names the blob, and when that was last asked for.
CREATE INDEX artifacts_by_blob ON artifacts (sha256, last_access);
