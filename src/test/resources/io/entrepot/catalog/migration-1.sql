-- The first of two migrations.
CREATE TABLE IF NOT EXISTS fruit (
  name VARCHAR(10) ${ascii} NOT NULL
);
INSERT INTO fruit (name) VALUES ('apple');
