-- Acknowledges alert $1 by user $2 at $3, until $4 (NULL: without end), for owner $5.  For
-- POST /alerts/{id}/acknowledge, of an alert that is locked.  By the primary key; one row.
UPDATE alert SET state = 'acknowledged', acknowledged_at = $3::timestamptz,
	acknowledged_by = $2::int4, acknowledged_until = $4::timestamptz, owner_id = $5::int4,
	archived_at = NULL, archived_by = NULL, archive_until = NULL, archive_above_kb_h = NULL,
	archive_above_hosts = NULL, escalated_at = NULL
WHERE id = $1::int8
