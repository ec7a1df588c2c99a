-- Captures of services $1 that are of findings $2, or under way, or were asked for after
-- $3, newest first; of those for which the second one is weighed against their memory, when
-- the ten minutes begin that came after their snapshot; and whether the audit says that it
-- was left to people.  For the watch.  By capture_service; at most 1000 rows.
SELECT c.id, c.service_id, c.finding_id, c.generation_id, g.host_id, c.cause, c.state,
	c.card ->> 'gate' AS gate, c.asked_at, c.ordered_at,
	CASE WHEN c.finding_id = ANY ($2::int8[]) AND c.state = 'done'
		AND c.cause = 'policy: first'
		THEN date_bin('10 minutes', n.taken_at, 'epoch') + interval '10 minutes'
	END AS low_from_at,
	c.state = 'quoted' AND EXISTS (SELECT FROM audit a
		WHERE a.service_id = c.service_id AND a.action = 'policy.left'
		  AND a.detail LIKE 'capture ' || c.id || ':%') AS is_left_noted
FROM capture c
JOIN generation g ON g.id = c.generation_id
LEFT JOIN snapshot n ON n.capture_id = c.id
WHERE c.service_id = ANY ($1::int4[])
  AND (c.finding_id = ANY ($2::int8[])
	OR c.state IN ('quoting', 'quoted', 'ordered', 'running')
	OR c.asked_at > $3::timestamptz)
ORDER BY c.id DESC
LIMIT 1000
