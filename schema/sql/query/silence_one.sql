-- Silence $1 at $2, with the columns of silence_page.  For POST, PUT and DELETE /silences.
-- By primary keys; at most one row.
SELECT s.id, s.service, s.host, s.version, s.kind, s.starts_at, s.ends_at, s.weekly,
	s.reason, s.ended_at, silence_state(s, $2::timestamptz) AS state,
	u.name AS created_by, s.created_at, s.revision
FROM silence s JOIN app_user u ON u.id = s.created_by
WHERE s.id = $1::int8
