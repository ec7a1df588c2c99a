-- All of the stage of revision $1 have acknowledged it at $2, or (NULL) not all any more.  By
-- the primary key.
UPDATE config_revision SET settled_at = $2::timestamptz
WHERE id = $1::int8 AND (settled_at IS NULL) <> ($2::timestamptz IS NULL)
