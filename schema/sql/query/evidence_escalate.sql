-- Opens alert $1, which is acknowledged or archived, at $2 with words $3: it got worse than
-- people thought.  For the watch.  By the primary key; one row, none when it is neither.
WITH moved AS (
	UPDATE alert SET state = 'open', escalated_at = $2::timestamptz, acknowledged_at = NULL,
		acknowledged_by = NULL, acknowledged_until = NULL, archived_at = NULL,
		archived_by = NULL, archive_until = NULL, archive_above_kb_h = NULL,
		archive_above_hosts = NULL, revision = revision + 1
	WHERE id = $1::int8 AND state IN ('acknowledged', 'archived')
	RETURNING id
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $2::timestamptz, 'escalated', $3::text FROM moved
