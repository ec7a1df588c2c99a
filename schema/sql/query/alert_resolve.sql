-- Resolves alert $1 as fixed by user $2 at $3, in version $4 (NULL: not said), which holds
-- after $5 hours of hosts without the growth.  For POST /alerts/{id}/resolve, of an alert that
-- is locked.  By the primary key; one row.
UPDATE alert SET state = 'resolved', resolution = 'fixed', resolved_by = $2::int4,
	resolved_at = $3::timestamptz, resolved_in = $4::text,
	verify_state = CASE WHEN $4::text IS NOT NULL THEN 'waiting' END, verify_ms = 0,
	verify_needed_h = $5::int4, verify_hosts = 0, verify_since = NULL, verified_at = NULL,
	acknowledged_until = NULL, archived_at = NULL, archived_by = NULL, archive_until = NULL,
	archive_above_kb_h = NULL, archive_above_hosts = NULL, escalated_at = NULL,
	regressed_at = NULL
WHERE id = $1::int8
