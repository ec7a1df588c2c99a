-- Opens alert $1 again at $2 with words $3: what was resolved has come back.  For the
-- watch.  By the primary key; one row, none when it is not resolved.
WITH moved AS (
	UPDATE alert SET state = 'open', reopened = reopened + 1, acknowledged_at = NULL,
		acknowledged_by = NULL, resolved_at = NULL, resolved_by = NULL,
		resolution = '', resolved_in = NULL, verify_state = NULL, quiet_at = NULL,
		silent_at = NULL, revision = revision + 1
	WHERE id = $1::int8 AND state = 'resolved'
	RETURNING id
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $2::timestamptz, 'reopened', $3::text FROM moved
