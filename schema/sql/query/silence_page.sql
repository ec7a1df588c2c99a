-- Silences in the states $1 at $2, the newest first, behind id $3 (NULL: from the start);
-- at most $4 rows.  For GET /silences.  By the primary key, backwards; the table holds what
-- people ever silenced.
SELECT s.id, s.service, s.host, s.version, s.kind, s.starts_at, s.ends_at, s.weekly,
	s.reason, s.ended_at, t.state, u.name AS created_by, s.created_at, s.revision
FROM silence s
CROSS JOIN LATERAL (SELECT silence_state(s, $2::timestamptz) AS state) t
JOIN app_user u ON u.id = s.created_by
WHERE t.state = ANY ($1::text[]) AND ($3::int8 IS NULL OR s.id < $3::int8)
ORDER BY s.id DESC
LIMIT $4::int4
