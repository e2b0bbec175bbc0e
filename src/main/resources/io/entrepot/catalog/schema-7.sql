-- The pins that people have added while this runs, besides those of the settings.
CREATE TABLE IF NOT EXISTS pin (
  pattern VARCHAR(1000) ${ascii} NOT NULL PRIMARY KEY,
  added_at BIGINT NOT NULL
);
