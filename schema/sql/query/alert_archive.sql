-- Archives alert $1 by user $2 at $3 until the first of: $4, a growth of more than $5, more
-- than $6 hosts (NULL: not that).  For POST /alerts/{id}/archive, of an alert that is locked.
-- By the primary key; one row.
UPDATE alert SET state = 'archived', archived_at = $3::timestamptz, archived_by = $2::int4,
	archive_until = $4::timestamptz, archive_above_kb_h = $5::float8,
	archive_above_hosts = $6::int4, acknowledged_at = NULL, acknowledged_by = NULL,
	acknowledged_until = NULL, escalated_at = NULL
WHERE id = $1::int8
