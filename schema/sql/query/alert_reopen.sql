-- Opens alert $1 again at $2.  `reopened` counts only what came back by itself.  What was said
-- of it ("not a leak") is withdrawn, and how long it was quiet or silent is counted anew, or
-- it would be resolved at once.  For POST /alerts/{id}/reopen, of an alert that is locked.
-- By primary keys; a row for each feedback that was withdrawn.
WITH moved AS (
	UPDATE alert SET state = 'open', acknowledged_at = NULL, acknowledged_by = NULL,
		acknowledged_until = NULL, archived_at = NULL, archived_by = NULL,
		archive_until = NULL, archive_above_kb_h = NULL, archive_above_hosts = NULL,
		resolved_at = NULL, resolved_by = NULL, resolution = '', resolved_in = NULL,
		verify_state = NULL, escalated_at = NULL, regressed_at = NULL, quiet_at = NULL,
		silent_at = NULL
	WHERE id = $1::int8
	RETURNING finding_id
)
UPDATE feedback SET withdrawn_at = $2::timestamptz
FROM moved
WHERE feedback.finding_id = moved.finding_id AND withdrawn_at IS NULL
