-- What indexes said of files before these were asked for. Runs on SQLite and on PostgreSQL alike.

CREATE TABLE promises (
  remote TEXT NOT NULL,
  name TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  hex TEXT NOT NULL,
  learned_at BIGINT NOT NULL,
  PRIMARY KEY (remote, name)
);

-- The oldest go when there are too many.
CREATE INDEX promises_by_age ON promises (learned_at);
