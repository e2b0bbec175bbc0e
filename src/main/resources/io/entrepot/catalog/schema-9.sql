-- The objects of the bucket, one for each digest. One that is not stored yet waits in the near
-- folder of its node to be put. The key of the object ends in the generation.
CREATE TABLE IF NOT EXISTS bucket_object (
  digest VARCHAR(135) ${ascii} NOT NULL PRIMARY KEY,
  generation VARCHAR(32) ${ascii} NOT NULL,
  size BIGINT NOT NULL,
  stored BOOLEAN NOT NULL,
  node VARCHAR(100) ${ascii} NOT NULL,
  added_at BIGINT NOT NULL
);

-- What a node has to put, the oldest first.
CREATE INDEX IF NOT EXISTS bucket_object_by_node ON bucket_object (node, stored, added_at);
