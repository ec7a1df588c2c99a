-- Moves on the revision of host $1's labels; no row when it is no longer $2 (NULL: any).  For
-- PUT /hosts/{id}/labels.  By the primary key; at most one row.
UPDATE host SET label_revision = label_revision + 1
WHERE id = $1::int4 AND ($2::int4 IS NULL OR label_revision = $2::int4)
