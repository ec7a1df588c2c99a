-- Resolves alert $1 as "not a leak" by user $2 at $3 with reason $4, and remembers it with the
-- rate of its finding.  For POST /alerts/{id}/dismiss, of an alert that is locked.  By
-- primary keys; one row.
WITH moved AS (
	UPDATE alert SET state = 'resolved', resolution = 'not-a-leak', resolved_by = $2::int4,
		resolved_at = $3::timestamptz, resolved_in = NULL, verify_state = NULL,
		acknowledged_until = NULL, archived_at = NULL, archived_by = NULL,
		archive_until = NULL, archive_above_kb_h = NULL, archive_above_hosts = NULL,
		escalated_at = NULL, regressed_at = NULL
	WHERE id = $1::int8
	RETURNING finding_id
)
INSERT INTO feedback (service_id, kind, finding_id, rate_kb_h, reason, said_by, said_at)
SELECT f.service_id, f.kind, f.id, f.rate_kb_h, $4::text, $2::int4, $3::timestamptz
FROM moved JOIN finding f ON f.id = moved.finding_id
