-- What the versions $1 are called.  For GET /services/{id}/bands.  By the fingerprints' key;
-- at most 1,000 rows.
SELECT id, label FROM version_label WHERE id = ANY ($1::int4[]) LIMIT 1000
