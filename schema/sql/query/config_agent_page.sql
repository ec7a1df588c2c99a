-- Agents with what they are to run and what they run, by host, at $1: of group $2 (0: any), in
-- states $3, behind (host, agent) = ($4, $5), from the start when $5 is NULL; at most $6 rows.
-- For GET /config/agents.  By the whole table.
SELECT c.agent_id, c.host_id, c.host, c.version, c.group_id, g.name AS "group", c.state,
	c.desired_id, c.acked_id, c.acked_at, c.exceptions, c.cpu_ppm, c.rss_bytes,
	CASE WHEN r.state IN ('rolling', 'paused') THEN c.stage END AS stage
FROM config_agents($1::timestamptz) c
LEFT JOIN config_group g ON g.id = c.group_id
LEFT JOIN config_revision r ON r.id = c.desired_id
WHERE ($2::int4 = 0 OR c.group_id = $2::int4) AND c.state = ANY ($3::text[])
  AND ($5::int4 IS NULL OR (c.host, c.agent_id) > ($4::text, $5::int4))
ORDER BY c.host, c.agent_id
LIMIT $6::int4
