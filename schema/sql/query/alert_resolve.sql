-- Resolves alert $1 as fixed by user $2 at $3 with note $4, if it is not resolved and its revision
-- is $5 (NULL: any).  For POST /alerts/{id}/resolve.  By the primary key; a row when it
-- was done.
WITH moved AS (
	UPDATE alert SET state = 'resolved', resolved_at = $3::timestamptz,
		resolved_by = $2::int4, resolution = 'fixed', revision = revision + 1
	WHERE id = $1::int8 AND state <> 'resolved'
	  AND ($5::int4 IS NULL OR revision = $5::int4)
	RETURNING id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT id, $3::timestamptz, $2::int4, 'resolved', $4::text FROM moved
)
SELECT id, pg_notify('tidemark', 'alerts') FROM moved
