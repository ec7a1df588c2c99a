-- Targets by name, with how their messages do; of one when $1 is not NULL.  For GET /targets.
-- The whole table; at most 200 rows.
SELECT t.id, t.name, t.kind, t.url, t.service, to_json(t.events)::text AS events, t.enabled,
	t.created_by, t.created_at, t.revision, m.waiting, m.failed, m.sent, m.sent_at,
	COALESCE(p.problem, '') AS problem
FROM target t
CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
		count(*) FILTER (WHERE state = 'failed') AS failed,
		count(*) FILTER (WHERE state = 'sent') AS sent, max(sent_at) AS sent_at
	FROM message WHERE target_id = t.id
) m
LEFT JOIN LATERAL (
	SELECT problem FROM message WHERE target_id = t.id ORDER BY id DESC LIMIT 1
) p ON true
WHERE $1::int4 IS NULL OR t.id = $1::int4
ORDER BY t.name
LIMIT 200
