-- The Alertmanagers that were not told of all open alerts in the minute before $1, each for
-- this server: it is noted at once.  For the messenger.  The whole table; at most 100 rows.
UPDATE target_state s SET renewed_at = $1::timestamptz
FROM target t JOIN target_secret p ON p.target_id = t.id
WHERE s.target_id = t.id AND t.kind = 'alertmanager' AND t.enabled
  AND (s.renewed_at <= $1::timestamptz - interval '1 minute'
	OR s.renewed_at > $1::timestamptz + interval '1 minute')
RETURNING t.id, t.name AS target, t.url, t.service, t.username, p.password
