-- From here on a blob that came through a fill is verified when it is added, and 0 means that nobody
-- has ever verified it: it was found in the store.
UPDATE blob SET verified_at = added_at WHERE verified_at < added_at;
