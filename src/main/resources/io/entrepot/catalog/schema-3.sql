-- How long the upstream itself lets its word on a tag stand, in milliseconds; and why the tag leads
-- elsewhere here than there.
ALTER TABLE tag ADD COLUMN IF NOT EXISTS fresh_for BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE tag ADD COLUMN IF NOT EXISTS deviation VARCHAR(8);

-- Every digest that the upstream has named for a tag; survives the eviction of what it names.
CREATE TABLE IF NOT EXISTS sighting (
  repository VARCHAR(255) ${ascii} NOT NULL,
  tag VARCHAR(128) ${ascii} NOT NULL,
  digest VARCHAR(135) ${ascii} NOT NULL,
  first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  served BOOLEAN DEFAULT FALSE NOT NULL,
  PRIMARY KEY (repository, tag, digest)
);

-- What is oldest, asked when a sighting comes.
CREATE INDEX IF NOT EXISTS sighting_by_age ON sighting (last_seen);

INSERT INTO sighting (repository, tag, digest, first_seen, last_seen, served)
  SELECT repository, tag, digest, resolved_at, resolved_at, TRUE FROM tag
  WHERE NOT EXISTS (
    SELECT 1 FROM sighting s WHERE s.repository = tag.repository AND s.tag = tag.tag);

-- Which manifests list a digest, asked when it is to expire and something is pinned.
CREATE INDEX IF NOT EXISTS child_by_child ON child (child);
