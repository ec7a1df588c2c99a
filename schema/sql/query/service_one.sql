-- One service as GET /services/{id} shows its head, at $2.  By primary keys, slots by
-- their service; at most one row.
SELECT s.id, s.name, s.first_seen_at, COALESCE(w.verdict, 'learning') AS verdict,
	COALESCE(w.level, '') AS level, COALESCE(w.kind, '') AS kind,
	w.rate_kb_h, w.rate_low_kb_h, w.rate_high_kb_h, COALESCE(w.summary, '') AS summary,
	seat.hosts, seat.instances,
	(SELECT count(*) FROM alert a JOIN finding f ON f.id = a.finding_id
	 WHERE f.service_id = s.id AND a.state = 'open') AS open_alerts,
	t.from_at AS trend_from, t.step_ms AS trend_step_ms, t.rss_kb AS trend_rss_kb
FROM service s
LEFT JOIN LATERAL (
	SELECT * FROM version_now($2::timestamptz) v
	WHERE v.service_id = s.id
	ORDER BY verdict_rank(v.verdict) DESC, v.rate_kb_h DESC NULLS LAST, v.fingerprint_id
	LIMIT 1
) w ON true
CROSS JOIN LATERAL (
	SELECT count(*) AS instances, count(DISTINCT n.host_id) AS hosts
	FROM slot_now n
	WHERE n.service_id = s.id AND slot_runs(n.read_at, n.interval_ms, $2::timestamptz)
) seat
LEFT JOIN service_trend t ON t.service_id = s.id
WHERE s.id = $1::int4
