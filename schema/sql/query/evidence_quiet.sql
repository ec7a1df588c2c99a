-- Notes since when alert $1 has been quiet ($2) and without data ($3), NULL: it is not.
-- For the watch, when one of them changes.  By the primary key; one row.
UPDATE alert SET quiet_at = $2::timestamptz, silent_at = $3::timestamptz WHERE id = $1::int8
