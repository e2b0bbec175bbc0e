-- The index of the store. Times are milliseconds since 1970, UTC. ${ascii} makes text compare by
-- its bytes where the database would otherwise follow a language.

CREATE TABLE IF NOT EXISTS blob (
  digest VARCHAR(135) ${ascii} NOT NULL PRIMARY KEY,
  size BIGINT NOT NULL,
  media_type VARCHAR,
  added_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS link (
  repository VARCHAR(255) ${ascii} NOT NULL,
  digest VARCHAR(135) ${ascii} NOT NULL,
  kind VARCHAR(8) NOT NULL,
  fetched_at BIGINT NOT NULL,
  last_used BIGINT NOT NULL,
  PRIMARY KEY (repository, digest, kind)
);

-- Which repositories still hold a digest, asked when its lease runs out.
CREATE INDEX IF NOT EXISTS link_by_digest ON link (digest);

CREATE TABLE IF NOT EXISTS child (
  parent VARCHAR(135) ${ascii} NOT NULL,
  child VARCHAR(135) ${ascii} NOT NULL,
  PRIMARY KEY (parent, child)
);

CREATE TABLE IF NOT EXISTS tag (
  repository VARCHAR(255) ${ascii} NOT NULL,
  tag VARCHAR(128) ${ascii} NOT NULL,
  digest VARCHAR(135) ${ascii} NOT NULL,
  resolved_at BIGINT NOT NULL,
  PRIMARY KEY (repository, tag)
);

-- Which tags lose their manifest, asked when a link or a blob goes.
CREATE INDEX IF NOT EXISTS tag_by_digest ON tag (digest);

CREATE TABLE IF NOT EXISTS setting (
  name VARCHAR(100) NOT NULL PRIMARY KEY,
  content VARCHAR(1000) NOT NULL
);
