-- When a blob's bytes were last found to hash to its digest; 0 is never since it was added.
ALTER TABLE blob ADD COLUMN IF NOT EXISTS verified_at BIGINT DEFAULT 0 NOT NULL;
