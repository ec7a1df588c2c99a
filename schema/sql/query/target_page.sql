-- Targets by name, with how their messages do; of one when $1 is not NULL; as it stands at $2.
-- For GET /targets.  The whole table; at most 200 rows.
SELECT t.id, t.name, t.kind, t.url, t.service, to_json(t.events)::text AS events, t.enabled,
	t.recipients, t.sender, t.username, t.starttls, t.a_minute, x.password <> '' AS has_password,
	x.signing <> '' AS signed, x.made_at AS secret_made_at,
	CASE WHEN x.old_until > $2::timestamptz THEN x.old_until END AS old_until,
	t.created_by, t.created_at, t.revision, m.waiting, m.failed, m.sent, m.muted, m.sent_at,
	COALESCE(NULLIF(s.problem, ''), p.problem, '') AS problem,
	CASE WHEN s.failures > 0 AND s.next_at > $2::timestamptz THEN s.next_at END
		AS resting_until
FROM target t
JOIN target_state s ON s.target_id = t.id
JOIN target_secret x ON x.target_id = t.id
CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
		count(*) FILTER (WHERE state = 'failed') AS failed,
		count(*) FILTER (WHERE state = 'muted') AS muted,
		count(*) FILTER (WHERE state = 'sent') AS sent, max(sent_at) AS sent_at
	FROM message WHERE target_id = t.id
) m
LEFT JOIN LATERAL (
	SELECT problem FROM message WHERE target_id = t.id AND state IN ('waiting', 'sent', 'failed')
	ORDER BY id DESC LIMIT 1
) p ON true
WHERE $1::int4 IS NULL OR t.id = $1::int4
ORDER BY t.name
LIMIT 200
