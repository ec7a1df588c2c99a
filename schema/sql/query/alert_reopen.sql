-- Opens alert $1 again by user $2 at $3 with note $4, if it is not open and its revision
-- is $5 (NULL: any).  `reopened` counts only what came back by itself.  What was said of
-- it ("not a leak") is withdrawn, and how long it was quiet or silent is counted anew, or
-- it would be resolved at once.  For POST /alerts/{id}/reopen.  By the primary key; a row
-- when it was done.
WITH moved AS (
	UPDATE alert SET state = 'open', acknowledged_at = NULL, acknowledged_by = NULL,
		resolved_at = NULL, resolved_by = NULL, resolution = '', quiet_at = NULL,
		silent_at = NULL, revision = revision + 1
	WHERE id = $1::int8 AND state <> 'open' AND ($5::int4 IS NULL OR revision = $5::int4)
	RETURNING id, finding_id
), withdrawn AS (
	UPDATE feedback SET withdrawn_at = $3::timestamptz
	FROM moved
	WHERE feedback.finding_id = moved.finding_id AND withdrawn_at IS NULL
), told AS (
	INSERT INTO alert_event (alert_id, at, user_id, kind, text)
	SELECT id, $3::timestamptz, $2::int4, 'reopened', $4::text FROM moved
)
SELECT id, pg_notify('tidemark', 'alerts') FROM moved
