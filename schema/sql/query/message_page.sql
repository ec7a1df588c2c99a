-- Messages of target $1 in the states $2, the newest first, behind id $3 (NULL: from the
-- start); at most $4 rows.  For GET /targets/{id}/messages.  By (target_id, id).
SELECT m.id, m.state, m.made_at, m.next_at, m.sent_at, m.tries, m.problem,
	COALESCE(v.alert_id, 0) AS alert_id, COALESCE(alert_event_said(v.kind), '') AS event,
	COALESCE(s.name, '') AS service
FROM message m
LEFT JOIN alert_event v ON v.id = m.event_id
LEFT JOIN alert a ON a.id = v.alert_id
LEFT JOIN finding f ON f.id = a.finding_id
LEFT JOIN service s ON s.id = f.service_id
WHERE m.target_id = $1::int4 AND m.state = ANY ($2::text[])
  AND ($3::int8 IS NULL OR m.id < $3::int8)
ORDER BY m.id DESC
LIMIT $4::int4
