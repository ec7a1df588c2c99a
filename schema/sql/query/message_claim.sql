-- The messages that are due at $1, the oldest of each target that has one, nobody in hand, is
-- not resting, and was tried less than its rate in the minute before; trials go first.  Each
-- target is held for a minute, so that no other server tells it too.  A time that lies further
-- in the future than any wait is of another clock and holds nobody.  For the messenger.  By
-- message_due; at most $2 rows.
WITH free AS (
	SELECT s.target_id, m.id, t.a_minute
	FROM target_state s
	JOIN target t ON t.id = s.target_id
	CROSS JOIN LATERAL (
		SELECT m.id FROM message m
		WHERE m.target_id = s.target_id AND m.state = 'waiting'
		  AND (m.next_at <= $1::timestamptz OR m.next_at > $1::timestamptz + interval '1 hour')
		ORDER BY m.event_id IS NOT NULL OR m.digest, m.id LIMIT 1
	) m
	CROSS JOIN LATERAL (
		SELECT s.tried_at[cardinality(s.tried_at) + 1 - t.a_minute] AS tried_at
	) r
	WHERE t.enabled
	  AND (s.busy_until <= $1::timestamptz OR s.busy_until > $1::timestamptz + interval '1 hour')
	  AND (s.next_at <= $1::timestamptz OR s.next_at > $1::timestamptz + interval '1 hour')
	  AND (r.tried_at IS NULL OR r.tried_at <= $1::timestamptz - interval '1 minute'
		OR r.tried_at > $1::timestamptz + interval '1 minute')
	LIMIT $2::int4
	FOR UPDATE OF s SKIP LOCKED
), busy AS (
	UPDATE target_state s SET busy_until = $1::timestamptz + interval '1 minute',
		tried_at = (s.tried_at || $1::timestamptz)[cardinality(s.tried_at) + 2 - f.a_minute :]
	FROM free f WHERE s.target_id = f.target_id
	RETURNING s.target_id, s.failures
), held AS (
	UPDATE message m SET tries = tries + 1 FROM free f WHERE m.id = f.id
	RETURNING m.id, m.target_id, m.event_id, m.made_at, m.due_at, m.tries, m.key, m.digest,
		m.was_muted
)
SELECT h.id, h.made_at, h.due_at, h.tries, h.key::text AS key, h.digest, h.was_muted,
	b.failures, t.id AS target_id, t.name AS target, t.kind, t.url, t.recipients, t.sender,
	t.username, t.starttls, p.password, p.signing,
	CASE WHEN p.old_until > $1::timestamptz THEN p.old ELSE '' END AS signing_old,
	COALESCE(v.alert_id, 0) AS alert_id,
	CASE WHEN h.digest THEN 'digest' ELSE COALESCE(alert_event_said(v.kind), 'test') END AS event,
	COALESCE(v.text, '') AS text, COALESCE(u.name, '') AS by, COALESCE(v.at, h.made_at) AS at
FROM held h
JOIN busy b ON b.target_id = h.target_id
JOIN target t ON t.id = h.target_id
JOIN target_secret p ON p.target_id = t.id
LEFT JOIN alert_event v ON v.id = h.event_id
LEFT JOIN app_user u ON u.id = v.user_id
