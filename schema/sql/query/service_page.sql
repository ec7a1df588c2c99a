-- Services present at $1, the worst first: by verdict, then by growth.  $2
-- filters by part of the name, $3 by verdict (NULL: all); behind (rank, rate, id) =
-- ($4, $5, $6), from the start when $6 is NULL.  For GET /services.  By one look
-- at each seat, which holds one narrow row of its newest process; at most $7 rows.
WITH alerts AS (
	SELECT f.service_id, count(*) FILTER (WHERE a.state = 'open'
		AND a.merged_into IS NULL) AS open_alerts
	FROM alert a JOIN finding f ON f.id = a.finding_id
	WHERE a.state IN ('open', 'acknowledged')
	GROUP BY f.service_id
), host_seat AS (
	SELECT service_id, host_id,
		count(*) FILTER (WHERE slot_runs(read_at, interval_ms, $1::timestamptz)) AS running,
		bool_or(slot_present(read_at, behind, interval_ms, $1::timestamptz)) AS present
	FROM slot_now
	GROUP BY service_id, host_id
), seat AS (
	-- As services_present says, of the same look at the seats.
	SELECT service_id, sum(running)::int8 AS instances,
		count(*) FILTER (WHERE running > 0) AS hosts
	FROM host_seat
	GROUP BY service_id
	HAVING bool_or(present) OR service_id IN (SELECT service_id FROM alerts)
), worst AS (
	SELECT DISTINCT ON (service_id) *
	FROM version_now($1::timestamptz)
	ORDER BY service_id, verdict_rank(verdict) DESC, rate_kb_h DESC NULLS LAST,
		fingerprint_id
), ranked AS (
	SELECT s.id, s.name, s.first_seen_at, COALESCE(w.verdict, 'learning') AS verdict,
		COALESCE(w.level, '') AS level, COALESCE(w.kind, '') AS kind,
		verdict_rank(COALESCE(w.verdict, 'learning')) AS rank,
		COALESCE(w.rate_kb_h, 0) AS rate_order,
		w.rate_kb_h, w.rate_low_kb_h, w.rate_high_kb_h, w.fingerprint_id, w.slots,
		w.slots_leaking, w.hosts AS hosts_judged, w.hosts_leaking, w.onset_at,
		w.exhaust_at, COALESCE(w.summary, '') AS summary,
		seat.hosts, seat.instances, COALESCE(al.open_alerts, 0) AS open_alerts,
		t.from_at AS trend_from, t.step_ms AS trend_step_ms, t.rss_kb AS trend_rss_kb
	FROM seat
	JOIN service s ON s.id = seat.service_id
	LEFT JOIN worst w ON w.service_id = s.id
	LEFT JOIN alerts al ON al.service_id = s.id
	LEFT JOIN service_trend t ON t.service_id = s.id
)
SELECT p.*, l.label AS version, since.id AS since_id, since.label AS since
FROM (
	SELECT * FROM ranked
	WHERE ($2::text IS NULL OR strpos(lower(name), lower($2::text)) > 0)
	  AND ($3::text IS NULL OR verdict = $3::text)
	  AND ($6::int4 IS NULL
		OR (rank, rate_order, -id) < ($4::int4, $5::float8, -$6::int4))
	ORDER BY rank DESC, rate_order DESC, id
	LIMIT $7::int4
) p
LEFT JOIN version_label l ON l.id = p.fingerprint_id
-- The first of the versions that leak by the same cause.
LEFT JOIN LATERAL (
	SELECT v.id, v.label
	FROM finding f
	JOIN finding_version i ON i.finding_id = f.id
	JOIN finding_version mine ON mine.finding_id = f.id
		AND mine.fingerprint_id = p.fingerprint_id
	JOIN version_label v ON v.id = i.fingerprint_id
	WHERE f.service_id = p.id AND f.active
	ORDER BY v.first_seen_at, v.id
	LIMIT 1
) since ON p.rank >= 7
ORDER BY p.rank DESC, p.rate_order DESC, p.id
