-- How the agents do that run revision $1 or are to, at $2, those whose stage is judged by them:
-- how many, how many acknowledged it, fell silent, cost more than the group allows (and half
-- more than before), and of each sort the first host.  $3: silent when nothing came for so
-- many milliseconds, or for three of its own intervals or of $4 ms, whichever is longer,
-- and that since $5, from which on the fleet was heard.  By agent_config_desired.
SELECT count(*) AS hosts,
	count(*) FILTER (WHERE x.acked) AS acked,
	count(*) FILTER (WHERE x.silent) AS silent,
	min(x.host) FILTER (WHERE x.silent) AS silent_host,
	count(*) FILTER (WHERE x.acked AND x.cpu) AS cpu,
	min(x.host) FILTER (WHERE x.acked AND x.cpu) AS cpu_host,
	max(x.cpu_ppm) FILTER (WHERE x.acked AND x.cpu) AS cpu_ppm,
	count(*) FILTER (WHERE x.acked AND x.rss) AS rss,
	min(x.host) FILTER (WHERE x.acked AND x.rss) AS rss_host,
	max(x.rss_bytes) FILTER (WHERE x.acked AND x.rss) AS rss_bytes,
	count(*) FILTER (WHERE x.failed) AS failed,
	min(x.host) FILTER (WHERE x.failed) AS failed_host,
	min(x.host) FILTER (WHERE NOT x.acked) AS late_host,
	max(x.interval_ms) FILTER (WHERE NOT x.acked) AS late_interval_ms
FROM (
	SELECT a.host, a.cpu_ppm, a.rss_bytes, a.interval_ms,
		a.acked_id = r.id AND ad.config_hash = r.hash AS acked,
		greatest(a.last_seen_at, a.desired_at, $5::timestamptz) < $2::timestamptz
			- greatest($3::int8, 3 * a.interval_ms, 3 * $4::int8) * interval '1 millisecond'
			AS silent,
		a.cpu_ppm > greatest(g.cpu_ppm, COALESCE(a.base_cpu_ppm, 0)::int8 * 3 / 2) AS cpu,
		a.rss_bytes > greatest(g.rss_bytes, COALESCE(a.base_rss_bytes, 0) * 3 / 2) AS rss,
		a.acked_id = r.id AND a.exceptions LIKE '% failed%' AS failed
	FROM config_revision r
	JOIN config_group g ON g.id = r.group_id
	JOIN agent_config c ON c.desired_id = r.id AND c.counted
	JOIN config_agents($2::timestamptz) a ON a.agent_id = c.agent_id
	JOIN agent ad ON ad.id = c.agent_id
	WHERE r.id = $1::int8
) x
