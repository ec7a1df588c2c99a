-- Groups in the order of their rules at $2, with what their hosts run; of one when $1 is not
-- NULL.  For GET /config/groups.  At most 100 rows; agents by agent_config_group.
SELECT g.id, g.name, g.position, g.host, g.labels::text AS labels, g.canary_hosts, g.part_pct,
	g.soak_s, g.automatic, g.silent_s, g.cpu_ppm, g.rss_bytes, g.good_id, g.created_by,
	g.created_at, g.revision, COALESCE(n.hosts, 0) AS hosts, COALESCE(n.same, 0) AS same,
	COALESCE(n.waiting, 0) AS waiting, COALESCE(n.overridden, 0) AS overridden,
	COALESCE(n.refused, 0) AS refused, COALESCE(n.drift, 0) AS drift,
	COALESCE(n.silent, 0) AS silent, COALESCE(n.old, 0) AS old,
	COALESCE(v.versions, '[]') AS versions,
	(SELECT max(r.id) FROM config_revision r
		WHERE r.group_id = g.id AND r.state IN ('rolling', 'paused')) AS rollout_id,
	(SELECT max(r.id) FROM config_revision r
		WHERE r.group_id = g.id AND r.state = 'waiting') AS draft_id
FROM config_group g
LEFT JOIN (
	SELECT c.group_id, count(*) AS hosts,
		count(*) FILTER (WHERE c.state = 'same') AS same,
		count(*) FILTER (WHERE c.state = 'waiting') AS waiting,
		count(*) FILTER (WHERE c.state = 'overridden') AS overridden,
		count(*) FILTER (WHERE c.state = 'refused') AS refused,
		count(*) FILTER (WHERE c.state = 'drift') AS drift,
		count(*) FILTER (WHERE c.state = 'silent') AS silent,
		count(*) FILTER (WHERE c.state = 'old') AS old
	FROM config_agents($2::timestamptz) c
	WHERE $1::int4 IS NULL OR c.group_id = $1::int4
	GROUP BY c.group_id
) n ON n.group_id = g.id
LEFT JOIN (
	SELECT x.group_id, json_agg(json_build_object('version', x.version, 'hosts', x.hosts)
		ORDER BY x.hosts DESC, x.version DESC)::text AS versions
	FROM (
		SELECT c.group_id, a.version, count(*) AS hosts
		FROM agent_config c
		JOIN agent a ON a.id = c.agent_id
		WHERE a.revoked_at IS NULL AND ($1::int4 IS NULL OR c.group_id = $1::int4)
		GROUP BY c.group_id, a.version
	) x
	GROUP BY x.group_id
) v ON v.group_id = g.id
WHERE $1::int4 IS NULL OR g.id = $1::int4
ORDER BY g.position, g.id
LIMIT 100
