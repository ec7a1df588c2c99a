-- Resolves alert $1 at $2 by the detector, with words $3: what it was about is gone.  For
-- the watch.  By the primary key; one row, none when it is resolved already.
WITH moved AS (
	UPDATE alert SET state = 'resolved', resolved_at = $2::timestamptz,
		resolved_by = NULL, resolution = 'gone', resolved_in = NULL,
		verify_state = NULL, acknowledged_until = NULL, archived_at = NULL,
		archived_by = NULL, archive_until = NULL, archive_above_kb_h = NULL,
		archive_above_hosts = NULL, escalated_at = NULL, regressed_at = NULL,
		revision = revision + 1
	WHERE id = $1::int8 AND state <> 'resolved'
	RETURNING id
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $2::timestamptz, 'resolved', $3::text FROM moved
