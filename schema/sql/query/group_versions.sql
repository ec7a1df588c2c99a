-- Versions of services that run at $1 or are judged, the worst first, with the columns of
-- group_seats.  $2 filters by part of the service's name and the version, $3 by verdict (NULL:
-- all); behind (rank, rate, name, id) = ($4, $5, $6, $7), from the start when $7 is NULL.  For
-- GET /groups.  By one look at each seat and its verdict; at most $8 rows.
WITH seat AS (
	SELECT n.fingerprint_id, count(*) AS instances, count(DISTINCT n.host_id) AS hosts,
		sum(v.value_kb)::int8 AS memory_kb
	FROM slot_now n
	LEFT JOIN slot_verdict v ON v.slot_id = n.slot_id AND v.fingerprint_id = n.fingerprint_id
	WHERE slot_runs(n.read_at, n.interval_ms, $1::timestamptz)
	GROUP BY n.fingerprint_id
), alerts AS (
	SELECT i.fingerprint_id, count(*) AS open_alerts
	FROM alert a JOIN finding_version i ON i.finding_id = a.finding_id
	WHERE a.state = 'open' AND a.merged_into IS NULL
	GROUP BY i.fingerprint_id
), judged AS MATERIALIZED (
	SELECT * FROM version_now($1::timestamptz)
), ranked AS (
	SELECT f.id, s.name || ' ' || f.version AS name, f.service_id, s.name AS service,
		v.fingerprint_id IS NOT NULL AS is_judged, v.slots, v.slots_leaking,
		v.hosts AS hosts_judged, v.hosts_leaking, v.rate_kb_h, v.rate_low_kb_h,
		v.rate_high_kb_h, v.exhaust_at, v.onset_at,
		COALESCE(v.verdict, 'learning') AS verdict, COALESCE(v.level, '') AS level,
		COALESCE(v.kind, '') AS kind, verdict_rank(COALESCE(v.verdict, 'learning')) AS rank,
		COALESCE(v.rate_kb_h, 0) AS rate_order, COALESCE(n.instances, 0) AS instances,
		COALESCE(n.hosts, 0) AS hosts, n.memory_kb,
		COALESCE(al.open_alerts, 0) AS open_alerts
	FROM seat n
	FULL JOIN judged v ON v.fingerprint_id = n.fingerprint_id
	JOIN fingerprint f ON f.id = COALESCE(n.fingerprint_id, v.fingerprint_id)
	JOIN service s ON s.id = f.service_id
	LEFT JOIN alerts al ON al.fingerprint_id = f.id
), page AS (
	SELECT * FROM ranked
	WHERE ($2::text IS NULL OR strpos(lower(name), lower($2::text)) > 0)
	  AND ($3::text IS NULL OR verdict = $3::text)
	  AND ($7::int4 IS NULL OR (-rank, -rate_order, name, id)
		> (-$4::int4, -$5::float8, $6::text, $7::int4))
	ORDER BY rank DESC, rate_order DESC, name, id
	LIMIT $8::int4
)
SELECT p.id, p.name AS sort_name, l.label AS name, p.service_id AS of_service_id,
	p.service AS of_service, p.verdict, p.level, p.kind, p.rank, p.rate_order, p.rate_kb_h,
	p.rate_low_kb_h, p.rate_high_kb_h, p.instances,
	COALESCE(p.slots_leaking, 0) AS instances_leaking, 1 AS services,
	(p.rank >= 8)::int4 AS services_leaking, p.hosts,
	COALESCE(p.hosts_leaking, 0) AS hosts_leaking, p.memory_kb, p.open_alerts, p.exhaust_at,
	p.onset_at, NULL::int4 AS worst_service_id, NULL::text AS worst_service,
	NULL::int4 AS worst_version_id, NULL::text AS worst_version
FROM page p
JOIN version_label l ON l.id = p.id
ORDER BY p.rank DESC, p.rate_order DESC, p.name, p.id
