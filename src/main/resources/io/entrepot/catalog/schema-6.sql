-- When a client last used the content of a digest, in whichever repository; 0 if nobody is known to
-- have. Room is made in this order.
ALTER TABLE blob ADD COLUMN IF NOT EXISTS used_at BIGINT DEFAULT 0 NOT NULL;
UPDATE blob SET used_at =
  COALESCE((SELECT MAX(link.last_used) FROM link WHERE link.digest = blob.digest), 0);
CREATE INDEX IF NOT EXISTS blob_by_use ON blob (used_at, digest);

-- Which manifest a referrer, such as a signature, refers to.
CREATE TABLE IF NOT EXISTS subject (
  referrer VARCHAR(135) ${ascii} NOT NULL PRIMARY KEY,
  subject VARCHAR(135) ${ascii} NOT NULL
);

-- What refers to a manifest, asked when that is to go.
CREATE INDEX IF NOT EXISTS subject_by_subject ON subject (subject);

-- What may be a manifest whose references are not in the tables yet. A larger one is no manifest.
CREATE TABLE IF NOT EXISTS unread (
  digest VARCHAR(135) ${ascii} NOT NULL PRIMARY KEY
);
INSERT INTO unread SELECT digest FROM blob
  WHERE size <= 4194304
    AND (media_type IS NOT NULL OR NOT EXISTS (SELECT 1 FROM link WHERE link.digest = blob.digest))
    AND NOT EXISTS (SELECT 1 FROM unread u WHERE u.digest = blob.digest);
