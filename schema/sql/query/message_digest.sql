-- What was folded into message $1, the oldest first, with how many there are in all.  For the
-- messenger.  By message_folded; at most $2 rows.
SELECT v.alert_id, alert_event_said(v.kind) AS event, v.at, s.name AS service,
	count(*) OVER () AS total
FROM message m
JOIN alert_event v ON v.id = m.event_id
JOIN alert a ON a.id = v.alert_id
JOIN finding f ON f.id = a.finding_id
JOIN service s ON s.id = f.service_id
WHERE m.folded_into = $1::int8
ORDER BY m.id
LIMIT $2::int4
