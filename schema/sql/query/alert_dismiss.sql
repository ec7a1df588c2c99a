-- Resolves alert $1 as "not a leak" by user $2 at $3 with reason $4, if it is not resolved
-- and its revision is $5 (NULL: any), and remembers it with the rate of its finding.  For
-- POST /alerts/{id}/dismiss.  By primary keys; a row when it was done.
WITH moved AS (
	UPDATE alert SET state = 'resolved', resolved_at = $3::timestamptz,
		resolved_by = $2::int4, resolution = 'not-a-leak', revision = revision + 1
	WHERE id = $1::int8 AND state <> 'resolved'
	  AND ($5::int4 IS NULL OR revision = $5::int4)
	RETURNING id, finding_id
), said AS (
	INSERT INTO feedback (service_id, kind, finding_id, rate_kb_h, reason, said_by, said_at)
	SELECT f.service_id, f.kind, f.id, f.rate_kb_h, $4::text, $2::int4, $3::timestamptz
	FROM moved JOIN finding f ON f.id = moved.finding_id
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT id, $3::timestamptz, $2::int4, 'dismissed', $4::text FROM moved
)
SELECT id, pg_notify('tidemark', 'alerts') FROM moved
