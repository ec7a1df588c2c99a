-- How many hosts run which version of the agent, by group.  For GET /config/versions.  The
-- whole table of agents; at most 101 groups.
SELECT x.group_id, g.name AS "group", sum(x.hosts) AS hosts,
	json_agg(json_build_object('version', x.version, 'hosts', x.hosts)
		ORDER BY x.hosts DESC, x.version DESC)::text AS versions
FROM (
	SELECT c.group_id, a.version, count(*) AS hosts
	FROM agent a LEFT JOIN agent_config c ON c.agent_id = a.id
	WHERE a.revoked_at IS NULL
	GROUP BY c.group_id, a.version
) x
LEFT JOIN config_group g ON g.id = x.group_id
GROUP BY x.group_id, g.name, g.position
ORDER BY g.position NULLS LAST, x.group_id
LIMIT 101
