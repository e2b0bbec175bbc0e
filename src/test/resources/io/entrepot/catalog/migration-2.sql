-- The second of two migrations.
INSERT INTO fruit (name) VALUES ('pear');
