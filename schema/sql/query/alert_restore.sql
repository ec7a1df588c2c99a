-- Brings alert $1 back to what it was before its event $2, with what was said by it and what
-- was withdrawn by it (feedback has the time of its step); what the detector has noticed since
-- stays.  For POST /alerts/{id}/undo at $3, of an alert that is locked.  By primary keys; one
-- row.
WITH event AS (
	SELECT e.at, b.*
	FROM alert_event e CROSS JOIN LATERAL jsonb_populate_record(NULL::alert, e.before) b
	WHERE e.id = $2::int8 AND e.alert_id = $1::int8
), withdrawn AS (
	UPDATE feedback f SET withdrawn_at = $3::timestamptz FROM event b
	WHERE f.finding_id = b.finding_id AND f.said_at = b.at AND f.withdrawn_at IS NULL
), said AS (
	UPDATE feedback f SET withdrawn_at = NULL FROM event b
	WHERE f.finding_id = b.finding_id AND f.withdrawn_at = b.at
)
UPDATE alert a SET state = b.state, owner_id = b.owner_id,
	acknowledged_at = b.acknowledged_at, acknowledged_by = b.acknowledged_by,
	acknowledged_until = b.acknowledged_until, archived_at = b.archived_at,
	archived_by = b.archived_by, archive_until = b.archive_until,
	archive_above_kb_h = b.archive_above_kb_h, archive_above_hosts = b.archive_above_hosts,
	escalated_at = b.escalated_at, regressed_at = b.regressed_at,
	resolved_at = b.resolved_at, resolved_by = b.resolved_by, resolution = b.resolution,
	resolved_in = b.resolved_in, verify_state = b.verify_state, verify_ms = b.verify_ms,
	verify_needed_h = b.verify_needed_h, verify_hosts = b.verify_hosts,
	verify_since = b.verify_since, verified_at = b.verified_at,
	quiet_at = COALESCE(a.quiet_at, b.quiet_at), silent_at = COALESCE(a.silent_at, b.silent_at)
FROM event b
WHERE a.id = $1::int8
