-- Tells agents of the group of revision $1 to run it, as many more as its stage wants, at $2:
-- those that report and take settings, in an order of chance that stays; in the last stage
-- all.  Shares are of those, too; who was revoked counts nowhere.  By agent_config_group.
WITH r AS (
	SELECT r.id, r.group_id, r.stage, g.canary_hosts, g.part_pct
	FROM config_revision r JOIN config_group g ON g.id = r.group_id
	WHERE r.id = $1::int8 AND r.state = 'rolling'
), m AS MATERIALIZED (
	SELECT a.agent_id, a.desired_id, a.cpu_ppm, a.rss_bytes,
		a.reporting AND a.acked_id IS NOT NULL AS takes
	FROM r JOIN config_agents($2::timestamptz) a ON a.group_id = r.group_id
), n AS (
	SELECT count(*) FILTER (WHERE m.desired_id = r.id) AS have,
		CASE r.stage WHEN 1 THEN r.canary_hosts
			WHEN 2 THEN greatest(r.canary_hosts,
				ceil(count(*) FILTER (WHERE m.takes) * r.part_pct / 100.0))
			ELSE count(*) END AS wanted
	FROM r CROSS JOIN m
	GROUP BY r.stage, r.canary_hosts, r.part_pct
)
UPDATE agent_config c SET desired_id = $1::int8, desired_at = $2::timestamptz,
	stage = p.stage, counted = p.takes, base_cpu_ppm = p.cpu_ppm, base_rss_bytes = p.rss_bytes
FROM (
	SELECT m.agent_id, r.stage, m.cpu_ppm, m.rss_bytes, m.takes
	FROM r CROSS JOIN m
	WHERE m.desired_id IS DISTINCT FROM r.id AND (r.stage = 3 OR m.takes)
	ORDER BY m.takes DESC, md5(m.agent_id::text || ' ' || r.id::text)
	LIMIT (SELECT greatest(wanted - have, 0) FROM n)
) p
WHERE c.agent_id = p.agent_id
