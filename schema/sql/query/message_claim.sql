-- The next message that is due at $1, of a target that had fewer than $2 in the minute before;
-- it is held for a minute, so that no other server sends it too.  What was never tried goes
-- first, so that a target that does not answer keeps no other waiting; a target that is off is
-- sent nothing.  For the notifier, one at a time.  By message_due; at most one row.
WITH due AS (
	SELECT m.id FROM message m
	WHERE m.state = 'waiting' AND m.next_at <= $1::timestamptz
	  AND EXISTS (SELECT FROM target t WHERE t.id = m.target_id AND t.enabled)
	  AND (SELECT count(*) FROM (
		SELECT FROM message s WHERE s.target_id = m.target_id AND s.state = 'sent'
		  AND s.sent_at > $1::timestamptz - interval '1 minute' LIMIT $2::int4) n) < $2::int4
	ORDER BY m.tries > 0, m.next_at
	LIMIT 1
	FOR UPDATE SKIP LOCKED
), held AS (
	UPDATE message m SET next_at = $1::timestamptz + interval '1 minute', tries = tries + 1
	FROM due WHERE m.id = due.id
	RETURNING m.id, m.target_id, m.event_id, m.made_at, m.tries
)
SELECT h.id, h.made_at, h.tries, t.url, t.name AS target, COALESCE(v.alert_id, 0) AS alert_id,
	COALESCE(alert_event_said(v.kind), 'test') AS event, COALESCE(v.text, '') AS text,
	COALESCE(u.name, '') AS by, COALESCE(v.at, h.made_at) AS at
FROM held h
JOIN target t ON t.id = h.target_id
LEFT JOIN alert_event v ON v.id = h.event_id
LEFT JOIN app_user u ON u.id = v.user_id
