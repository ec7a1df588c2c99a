-- Opens alert $1 again at $2 with words $3: the version that was to fix it leaks, or a later
-- one.  Which one that was stays; an alert that it is inside of has regressed with it (and is
-- opened by alert_inside_moved).  For the watch.  By the primary key; one row, none when it is
-- not resolved.
WITH moved AS (
	UPDATE alert SET state = 'open', reopened = reopened + 1, regressed_at = $2::timestamptz,
		acknowledged_at = NULL, acknowledged_by = NULL, resolved_at = NULL,
		resolved_by = NULL, resolution = '', verify_state = NULL, quiet_at = NULL,
		silent_at = NULL, revision = revision + 1
	WHERE id = $1::int8 AND state = 'resolved'
	RETURNING id, merged_into
), around AS (
	UPDATE alert SET regressed_at = $2::timestamptz FROM moved WHERE alert.id = moved.merged_into
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $2::timestamptz, 'regressed', $3::text FROM moved
