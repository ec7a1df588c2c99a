-- Ends experiment $1 at $2, or at its begin when that is later; one that has ended stays as it
-- is.  For POST /experiments/{id}/end.  By the primary key; at most one row.
UPDATE experiment SET to_at = GREATEST(from_at, $2::timestamptz)
WHERE id = $1::int8 AND to_at IS NULL
RETURNING id
