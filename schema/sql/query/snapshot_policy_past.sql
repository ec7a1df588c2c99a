-- Captures of services $1 that are of findings $2, or under way, or were asked for after
-- $3, newest first; with the lowest memory of the process in the ten minutes that began
-- after its snapshot, and whether the audit says that it was left to people.  For the
-- watch.  By capture_service; at most 1000 rows; readings by the BRIN index on the time,
-- of those captures alone for which the second one is weighed against them.
SELECT c.id, c.service_id, c.finding_id, c.generation_id, c.cause, c.state,
	c.card ->> 'gate' AS gate, c.asked_at, c.ordered_at, b.low_kb,
	c.state = 'quoted' AND EXISTS (SELECT FROM audit a
		WHERE a.service_id = c.service_id AND a.action = 'policy.left'
		  AND a.detail LIKE 'capture ' || c.id || ':%') AS is_left_noted
FROM capture c
LEFT JOIN snapshot n ON n.capture_id = c.id
LEFT JOIN LATERAL (
	SELECT min(COALESCE(rss_anon_kb, rss_kb) + COALESCE(swap_kb, 0)) AS low_kb
	FROM sample
	WHERE generation_id = c.generation_id AND c.finding_id = ANY ($2::int8[])
	  AND c.state = 'done' AND c.cause = 'policy: first'
	  AND at >= date_bin('10 minutes', n.taken_at, 'epoch') + interval '10 minutes'
	  AND at < date_bin('10 minutes', n.taken_at, 'epoch') + interval '20 minutes'
) b ON true
WHERE c.service_id = ANY ($1::int4[])
  AND (c.finding_id = ANY ($2::int8[])
	OR c.state IN ('quoting', 'quoted', 'ordered', 'running')
	OR c.asked_at > $3::timestamptz)
ORDER BY c.id DESC
LIMIT 1000
