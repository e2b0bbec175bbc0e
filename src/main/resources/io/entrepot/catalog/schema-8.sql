-- The images that people want to be fetched and that are not fetched yet.
CREATE TABLE IF NOT EXISTS prefetch (
  id BIGINT NOT NULL,
  reference VARCHAR(1100) ${ascii} NOT NULL,
  platforms VARCHAR(4100) ${ascii} NOT NULL,
  referrers BOOLEAN NOT NULL,
  node VARCHAR(40) ${ascii} NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (node, id)
);
