-- The name of a repository now has the name of its upstream in front, for the default upstream too.
-- So it is longer. Rows of an older version have no such name yet. They are marked, and get it when
-- the names of the upstreams are known, see OlderNames. A mark is no part of any name.
ALTER TABLE link ALTER COLUMN repository SET DATA TYPE VARCHAR(511) ${ascii};
ALTER TABLE tag ALTER COLUMN repository SET DATA TYPE VARCHAR(511) ${ascii};
ALTER TABLE sighting ALTER COLUMN repository SET DATA TYPE VARCHAR(511) ${ascii};

UPDATE link SET repository = '?/' || repository WHERE repository NOT LIKE '?/%';
UPDATE tag SET repository = '?/' || repository WHERE repository NOT LIKE '?/%';
UPDATE sighting SET repository = '?/' || repository WHERE repository NOT LIKE '?/%';
