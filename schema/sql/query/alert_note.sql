-- Adds note $4 by user $2 at $3 to alert $1, if its revision is $5 (NULL: any).  For POST
-- /alerts/{id}/notes.  By the primary key; a row when it was done.
WITH moved AS (
	UPDATE alert SET revision = revision + 1
	WHERE id = $1::int8 AND ($5::int4 IS NULL OR revision = $5::int4)
	RETURNING id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT id, $3::timestamptz, $2::int4, 'note', $4::text FROM moved
)
SELECT id, pg_notify('tidemark', 'alerts') FROM moved
