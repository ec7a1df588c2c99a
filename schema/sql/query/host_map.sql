-- All hosts at $1 for their map, by name: how each fares, and with $2 how service $2 fares
-- there and which version of it most seats run.  For GET /hosts.  By one look at each seat and
-- its verdict; at most $3 rows.
WITH seat AS (
	SELECT n.host_id, n.fingerprint_id,
		count(*) FILTER (WHERE slot_runs(n.read_at, n.interval_ms, $1::timestamptz))
			AS running,
		max(verdict_rank(COALESCE(v.verdict, 'learning')) * 1000000000::int8
			+ n.slot_id) AS worst
	FROM slot_now n
	LEFT JOIN slot_verdict v ON v.slot_id = n.slot_id AND v.fingerprint_id = n.fingerprint_id
	WHERE ($2::int4 IS NULL OR n.service_id = $2::int4)
	  AND slot_present(n.read_at, n.behind, n.interval_ms, $1::timestamptz)
	GROUP BY n.host_id, n.fingerprint_id
), host_seat AS (
	SELECT host_id, sum(running)::int8 AS running, max(worst) AS worst,
		(max(ARRAY[running, fingerprint_id]))[2] AS fingerprint_id
	FROM seat
	GROUP BY host_id
), alerts AS (
	SELECT s.host_id, count(DISTINCT a.id) AS open_alerts
	FROM alert a
	JOIN finding_slot i ON i.finding_id = a.finding_id
	JOIN slot s ON s.id = i.slot_id
	WHERE a.state = 'open' AND ($2::int4 IS NULL OR s.service_id = $2::int4)
	GROUP BY s.host_id
)
SELECT h.id, h.name, a.version AS agent_version, a.last_seen_at IS NOT NULL AS was_seen,
	a.last_sample_at, agent_reports(a.last_seen_at, h.interval_ms, $1::timestamptz) AS reporting,
	COALESCE(n.running, 0) AS instances, COALESCE(al.open_alerts, 0) AS open_alerts,
	CASE WHEN n.host_id IS NOT NULL THEN COALESCE(v.verdict, 'learning') ELSE '' END AS verdict,
	CASE WHEN $2::int4 IS NOT NULL THEN n.fingerprint_id END AS fingerprint_id
FROM agent_now a
JOIN host h ON h.id = a.host_id
LEFT JOIN host_seat n ON n.host_id = h.id
LEFT JOIN slot_verdict v ON v.slot_id = (n.worst % 1000000000)::int4
LEFT JOIN alerts al ON al.host_id = h.id
ORDER BY h.name, h.id
LIMIT $3::int4
