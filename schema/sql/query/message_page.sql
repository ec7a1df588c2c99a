-- Messages of target $1 (NULL: any) in the states $2, the newest first, behind id $3 (NULL: from
-- the start); at most $4 rows.  For GET /messages and GET /targets/{id}/messages.  By
-- (target_id, id), message_dead or the primary key.
SELECT m.id, m.state, m.made_at, m.next_at, m.sent_at, m.tries, m.problem, m.key::text AS key,
	m.target_id, t.name AS target, COALESCE(m.folded_into, 0) AS folded_into,
	CASE WHEN m.digest THEN (SELECT count(*) FROM message i WHERE i.folded_into = m.id)
		ELSE 0 END AS digest_count,
	COALESCE(v.alert_id, 0) AS alert_id,
	CASE WHEN m.digest THEN 'digest' ELSE COALESCE(alert_event_said(v.kind), '') END AS event,
	COALESCE(s.name, '') AS service
FROM message m
JOIN target t ON t.id = m.target_id
LEFT JOIN alert_event v ON v.id = m.event_id
LEFT JOIN alert a ON a.id = v.alert_id
LEFT JOIN finding f ON f.id = a.finding_id
LEFT JOIN service s ON s.id = f.service_id
WHERE ($1::int4 IS NULL OR m.target_id = $1::int4) AND m.state = ANY ($2::text[])
  AND ($3::int8 IS NULL OR m.id < $3::int8)
ORDER BY m.id DESC
LIMIT $4::int4
