-- Forgets warnings that were last given before $1, at most 20,000 at a time.  For the watch,
-- about once an hour.  By warning_last.
WITH due AS (
	SELECT id FROM warning WHERE last_at < $1::timestamptz LIMIT 20000
)
DELETE FROM warning w USING due WHERE w.id = due.id
