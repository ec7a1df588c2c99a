-- Hosts at $1, each with what its processes come to, or with $2 hosts by their label of that
-- key, those without it under ''; the worst first.  $3 filters by part of the name, $4 by
-- verdict (NULL: all); behind (rank, rate, name, id) = ($5, $6, $7, $8), from the start when
-- $8 is NULL.  For GET /groups.  By one look at each seat and its verdict; at most $9 rows.
WITH place AS MATERIALIZED (
	-- With what slot_now, slot_runs and slot_present come to for the seats of a host: since
	-- when a process must have been read to run, or to be in mind.
	SELECT h.id AS host_id,
		$1::timestamptz - interval '1 minute' - 3 * h.interval_ms * interval '1 ms'
			- (a.last_seen_at - a.last_sample_at) AS runs_from,
		GREATEST($1::timestamptz - interval '1 day' - (a.last_seen_at - a.last_sample_at),
			a.last_sample_at - interval '1 minute'
				- 3 * h.interval_ms * interval '1 ms') AS present_from,
		CASE WHEN $2::text IS NULL THEN h.id ELSE 0 END AS id,
		CASE WHEN $2::text IS NULL THEN h.name ELSE COALESCE(l.value, '') END AS name,
		CASE WHEN $2::text IS NULL THEN h.id
			ELSE dense_rank() OVER (ORDER BY l.value) END AS spot
	FROM agent_now a
	JOIN host h ON h.id = a.host_id
	LEFT JOIN host_label l ON l.host_id = h.id AND l.key = $2::text
), spot AS (
	SELECT spot, id, name, count(*) AS hosts FROM place GROUP BY spot, id, name
), seat AS (
	SELECT p.spot, s.id AS slot_id, s.host_id, s.service_id,
		s.life_sample_at > p.runs_from AS runs,
		CASE v.verdict WHEN 'steady' THEN 0  -- most are
			ELSE verdict_rank(COALESCE(v.verdict, 'learning')) END AS rank, v.value_kb,
		v.rate_kb_h, (v.rate_high_kb_h - v.rate_low_kb_h) / 2 AS wide, v.exhaust_at,
		v.onset_at
	FROM place p
	JOIN slot s ON s.host_id = p.host_id AND s.life_sample_at >= p.present_from
	LEFT JOIN slot_verdict v ON v.slot_id = s.id AND v.fingerprint_id = s.life_fingerprint_id
), total AS (
	SELECT spot, count(*) FILTER (WHERE runs) AS instances,
		count(*) FILTER (WHERE rank >= 8) AS instances_leaking,
		count(DISTINCT service_id) FILTER (WHERE runs) AS services,
		count(DISTINCT service_id) FILTER (WHERE rank >= 8) AS services_leaking,
		count(DISTINCT host_id) FILTER (WHERE rank >= 8) AS hosts_leaking,
		sum(value_kb) FILTER (WHERE runs)::int8 AS memory_kb,
		sum(rate_kb_h) FILTER (WHERE rank >= 7) AS rate_kb_h,
		round(sqrt(sum(wide * wide) FILTER (WHERE rank >= 7))) AS wide,
		min(exhaust_at) FILTER (WHERE rank >= 7) AS exhaust_at,
		min(onset_at) FILTER (WHERE rank >= 7) AS onset_at,
		max(rank * 1000000000::int8 + slot_id) AS worst
	FROM seat
	GROUP BY spot
), alerts AS (
	SELECT p.spot, count(DISTINCT a.id) AS open_alerts
	FROM alert a
	JOIN finding_slot i ON i.finding_id = a.finding_id
	JOIN slot s ON s.id = i.slot_id
	JOIN place p ON p.host_id = s.host_id
	WHERE a.state = 'open' AND a.merged_into IS NULL
	GROUP BY p.spot
), ranked AS (
	SELECT o.id, o.name, o.hosts, t.*, COALESCE(t.worst / 1000000000, 1)::int4 AS rank,
		COALESCE(t.rate_kb_h, 0) AS rate_order, v.slot_id AS worst_slot,
		COALESCE(v.verdict, 'learning') AS verdict, COALESCE(v.level, '') AS level,
		COALESCE(v.kind, '') AS kind, COALESCE(al.open_alerts, 0) AS open_alerts
	FROM spot o
	LEFT JOIN total t ON t.spot = o.spot
	LEFT JOIN slot_verdict v ON v.slot_id = (t.worst % 1000000000)::int4
	LEFT JOIN alerts al ON al.spot = o.spot
), page AS (
	SELECT * FROM ranked
	WHERE ($3::text IS NULL OR strpos(lower(name), lower($3::text)) > 0)
	  AND ($4::text IS NULL OR verdict = $4::text)
	  AND ($8::int4 IS NULL OR (-rank, -rate_order, name, id)
		> (-$5::int4, -$6::float8, $7::text, $8::int4))
	ORDER BY rank DESC, rate_order DESC, name, id
	LIMIT $9::int4
)
SELECT p.id, p.name AS sort_name, p.name, 0 AS of_service_id, '' AS of_service, p.verdict, p.level, p.kind, p.rank,
	p.rate_order, p.rate_kb_h, p.rate_kb_h - p.wide AS rate_low_kb_h,
	p.rate_kb_h + p.wide AS rate_high_kb_h, COALESCE(p.instances, 0) AS instances,
	COALESCE(p.instances_leaking, 0) AS instances_leaking,
	COALESCE(p.services, 0) AS services, COALESCE(p.services_leaking, 0) AS services_leaking,
	p.hosts, COALESCE(p.hosts_leaking, 0) AS hosts_leaking, p.memory_kb, p.open_alerts,
	p.exhaust_at, p.onset_at, s.service_id AS worst_service_id,
	v.name AS worst_service, l.id AS worst_version_id, l.label AS worst_version
FROM page p
LEFT JOIN slot s ON s.id = p.worst_slot
LEFT JOIN service v ON v.id = s.service_id
LEFT JOIN version_label l ON l.id = s.life_fingerprint_id
ORDER BY p.rank DESC, p.rate_order DESC, p.name, p.id
