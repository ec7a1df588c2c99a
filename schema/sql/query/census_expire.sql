-- Forgets censuses of before $1, at most 20,000 at a time, and tells how many.  For the watch,
-- about once an hour.  By census_at.
WITH due AS (
	SELECT id FROM census WHERE at < $1::timestamptz LIMIT 20000
)
DELETE FROM census c USING due WHERE c.id = due.id
