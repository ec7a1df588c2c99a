-- All hosts at $1 for their map, by name: how each fares, and with $2 how service $2 fares
-- there and which version of it most seats run.  For GET /hosts.  By one look at each seat and
-- its verdict; at most $3 rows.
WITH place AS MATERIALIZED (
	-- As in group_seats: since when a process must have been read to run, or to be in mind.
	SELECT h.id, h.name, a.version AS agent_version, a.last_seen_at IS NOT NULL AS was_seen,
		a.last_sample_at,
		agent_reports(a.last_seen_at, h.interval_ms, $1::timestamptz) AS reporting,
		$1::timestamptz - interval '1 minute' - 3 * h.interval_ms * interval '1 ms'
			- (a.last_seen_at - a.last_sample_at) AS runs_from,
		GREATEST($1::timestamptz - interval '1 day' - (a.last_seen_at - a.last_sample_at),
			a.last_sample_at - interval '1 minute'
				- 3 * h.interval_ms * interval '1 ms') AS present_from
	FROM agent_now a
	JOIN host h ON h.id = a.host_id
	ORDER BY h.name, h.id
	LIMIT $3::int4
), seat AS (
	SELECT p.id, CASE WHEN $2::int4 IS NOT NULL THEN s.life_fingerprint_id END
			AS fingerprint_id,
		count(*) FILTER (WHERE s.life_sample_at > p.runs_from) AS running,
		max(CASE v.verdict WHEN 'steady' THEN 0
			ELSE verdict_rank(COALESCE(v.verdict, 'learning')) END * 1000000000::int8 + s.id)
			AS worst
	FROM place p
	JOIN slot s ON s.host_id = p.id AND s.life_sample_at >= p.present_from
	LEFT JOIN slot_verdict v ON v.slot_id = s.id AND v.fingerprint_id = s.life_fingerprint_id
	WHERE $2::int4 IS NULL OR s.service_id = $2::int4
	GROUP BY 1, 2
), host_seat AS (
	SELECT id, sum(running)::int8 AS running, max(worst) AS worst,
		(max(ARRAY[running, fingerprint_id]))[2] AS fingerprint_id
	FROM seat
	GROUP BY id
), alerts AS (
	SELECT s.host_id, count(DISTINCT a.id) AS open_alerts
	FROM alert a
	JOIN finding_slot i ON i.finding_id = a.finding_id
	JOIN slot s ON s.id = i.slot_id
	WHERE a.state = 'open' AND a.merged_into IS NULL AND ($2::int4 IS NULL OR s.service_id = $2::int4)
	GROUP BY s.host_id
)
SELECT p.id, p.name, p.agent_version, p.was_seen, p.last_sample_at, p.reporting,
	COALESCE(n.running, 0) AS instances, COALESCE(al.open_alerts, 0) AS open_alerts,
	CASE WHEN n.id IS NOT NULL THEN COALESCE(v.verdict, 'learning') ELSE '' END AS verdict,
	CASE WHEN $2::int4 IS NOT NULL THEN n.fingerprint_id END AS fingerprint_id
FROM place p
LEFT JOIN host_seat n ON n.id = p.id
LEFT JOIN slot_verdict v ON v.slot_id = (n.worst % 1000000000)::int4
LEFT JOIN alerts al ON al.host_id = p.id
ORDER BY p.name, p.id
